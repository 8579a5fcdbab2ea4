// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct ScalarGrammarTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
        ("24h", .seconds(86_400)), ("7d", .seconds(604_800)), ("-1s", .seconds(-1)),
    ])
    func durationsAreWholeNumbersWithAUnit(_ text: String, _ duration: Duration) {
        #expect(ScalarGrammar.duration(text) == duration)
    }

    @Test(arguments: [
        "", "s", "1", "1.5h", "1e3ms", "5 minutes", "5 m", " 5m", "5M", "01s", "+1s", "--1s", "1-s", "1:30", ".inf",
        "∞", "１ｓ", "1ｓ", "1µs", "9223372036854775807d", "99999999999999999999s", "5m5s", "-0s", "-00s", "-01s", "-s",
    ])
    func nothingElseIsADuration(_ text: String) {
        #expect(ScalarGrammar.duration(text) == nil)
    }

    @Test(arguments: [("1B", 1), ("64KiB", 65_536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648)])
    func sizesAreWholeNumbersWithAUnit(_ text: String, _ bytes: Int) {
        #expect(ScalarGrammar.size(text) == bytes)
    }

    @Test(arguments: ["1", "1MB", "1kib", "1.5MiB", "9223372036854775807GiB"])
    func nothingElseIsASize(_ text: String) {
        #expect(ScalarGrammar.size(text) == nil)
    }

    @Test(arguments: [
        "", "-", "1_000", "0123", "0x10", "1e9", "3.7", "２", "+1", "9223372036854775808", "1 ", "-0", "-01",
    ])
    func nothingButDigitsIsAnInteger(_ text: String) {
        #expect(ScalarGrammar.integer(text) == nil)
    }

    @Test func theBoundsOfAnIntegerAreRead() {
        #expect(ScalarGrammar.integer("9223372036854775807") == .max)
        #expect(ScalarGrammar.integer("-9223372036854775808") == .min)
    }

    @Test(arguments: [".5", "1.", "nan", "inf", "1e1", "0x1p3", "-1", "", "1.2.3", "0.5%"])
    func nothingButDigitsAndAPointIsAFraction(_ text: String) {
        #expect(ScalarGrammar.fraction(text) == nil)
    }

    @Test(arguments: ["0s", "1ms", "90s", "5m", "24h", "36h", "2d", "7d"])
    func aDurationIsWrittenAsItIsRead(_ text: String) throws {
        #expect(ScalarGrammar.text(of: try #require(ScalarGrammar.duration(text))) == text)
    }
}

@Suite struct StartPositionTextTests {
    @Test(arguments: [
        ("earliest", StartPosition.earliest), ("latest", .latest),
        ("1700000000000-5", .after(MessageID(milliseconds: 1_700_000_000_000, sequence: 5))),
        ("1970-01-01", .time(Timestamp(milliseconds: 0))),
        ("2024-02-29T12:34:56.789Z", .time(Timestamp(milliseconds: 1_709_210_096_789))),
        ("2026-01-31T01:00:00+01:00", .time(Timestamp(milliseconds: 1_769_817_600_000))),
        ("2000-03-01T00:00:00-00:30", .time(Timestamp(milliseconds: 951_870_600_000))),
    ])
    func positionsAreWordsIdsAndTimes(_ text: String, _ position: StartPosition) {
        #expect(StartPosition(text) == position)
        #expect(StartPosition(position.description) == position)
    }

    @Test(arguments: [
        "", "yesterday", "1700000000000", "2023-02-29", "2026-13-01", "2026-01-31T24:00:00Z", "2026-01-31T12:00:00",
        "2026-1-31", "1-", "-1", "2026-01-31T12:00:00.1Z", "20000-01-01", "2026-01-31TZ", "T12:00:00Z",
    ])
    func nothingElseIsAPosition(_ text: String) {
        #expect(StartPosition(text) == nil)
    }
}
