// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCommand
import Foundation
import RedisTestSupport
import Testing

/// The commands about messages, on a real server.
@Suite(.timeLimit(.minutes(2))) struct MessageCommandTests {
    private static let shop = ["XADD orders 1-1 data alpha type placed", "XADD orders 2-1 data beta sb-key 4711"]

    @Test func getShowsAMessageAndItsHeaders() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let text = try await run("$sb get orders 1-1")
            #expect(
                text == """
                    id\tstored\tkey\tsize\tbody
                    1-1\t1970-01-01T00:00:00.001Z\t-\t5\talpha

                    header\tvalue
                    type\tplaced
                    exit 0

                    """)
            #expect(try await run("$sb get orders 2-1 --json").contains("\"body\":\"beta\""))
            #expect(try await run("$sb get orders 3-1").hasSuffix("retention removed it\nexit 64\n"))
            #expect(try await run("$sb get orders nonsense 2>/dev/null") == "exit 64\n")
        }
    }

    @Test func tailShowsTheNewestAndFollowsUntilAnInterruption() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let newest = try await run("$sb tail orders -n 1")
            #expect(newest == "id\tstored\tkey\tsize\tbody\n2-1\t1970-01-01T00:00:00.002Z\t4711\t4\tbeta\nexit 0\n")
            #expect(try await run("$sb tail orders --json").contains("\"messages\":[{"))
            let followed = try await run(
                "($sb publish orders gamma >/dev/null) & timeout --preserve-status -s INT 3 $sb tail orders -n 5 --follow"
            )
            #expect(followed.contains("\t5\tgamma\n"))
            #expect(followed.hasSuffix("exit 130\n"))
            #expect(try await run("$sb tail orders -n -1 2>/dev/null") == "exit 64\n")
        }
    }

    @Test func findSaysHowFarItHasLooked() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let found = try await run("$sb find orders eta")
            #expect(found.contains("2-1\t1970-01-01T00:00:00.002Z\t4711\t4\tbeta\n"))
            #expect(found.hasSuffix("looked at 2 messages up to 2-1, the end of the stream\nexit 0\n"))
            let part = try await run("$sb find orders eta --scan 1")
            #expect(part.hasSuffix("looked at 1 messages up to 1-1, not the end: --after 1-1 goes on\nexit 1\n"))
            #expect(try await run("$sb find orders eta --json --quiet").contains("\"isComplete\":true"))
            #expect(try await run("$sb find orders eta --scan 0 2>/dev/null") == "exit 64\n")
        }
    }

    @Test func publishTakesAnArgumentAFileAndLines() async throws {
        try await CommandFixture.onServer([]) { run in
            let one = try await run("$sb publish orders hello -H type=placed --key 7 | sed 's/[0-9]*-/ID-/'")
            #expect(one == "1\tID-0\tstored\nexit 0\n")
            #expect(
                try await run("$sb get orders $($sb publish orders x --id a | cut -f 2) | sed -n 2p").contains("\tx\n"))
            #expect(try await run("$sb publish orders x --id a").contains("\tduplicate\nexit 0\n"))
            #expect(
                try await run("printf 'a\\nb' | $sb publish orders - | cut -f 1,3") == "1\tstored\n2\tstored\nexit 0\n")
            #expect(try await run("$sb publish orders x --count 3 --rate 100 | wc -l | tr -d ' '") == "3\nexit 0\n")
            #expect(try await run("$sb publish orders x --json").contains("\"isDuplicate\":false"))
            let file = try await run("f=$(mktemp); printf 'of a file' > $f; $sb publish orders @$f | cut -f 3; rm $f")
            #expect(file == "stored\nexit 0\n")
            #expect(try await run("$sb tail orders -n 1").contains("\t9\tof a file\n"))
        }
    }

    @Test func whatCannotBePublishedIsToldWithItsCode() async throws {
        try await CommandFixture.onServer([]) { run in
            let large = try await run("head -c 2000000 /dev/zero | tr '\\0' x | $sb publish orders -")
            #expect(large.contains("1\t-\ta body for orders may have 1048576 bytes, this one has 2000000"))
            #expect(large.hasSuffix("exit 65\n"))
            let missing = try await run("$sb publish orders @/no/such/file")
            #expect(missing == "error: cannot read '/no/such/file': there is no such file\nexit 66\n")
            #expect(try await run("$sb publish orders x --id a --count 2 2>/dev/null") == "exit 64\n")
            #expect(try await run("$sb publish orders x --dry-run").contains("publish\torders\t1\n"))
            #expect(try await run("$sb streams ls").contains("orders") == false)
        }
    }

    @Test func linesAreBoundedAndDivided() {
        var splitter = LineSplitter(bound: 3)
        #expect(splitter.take("ab\r\nabcd\n\nx".utf8) == [.bytes(Array("ab".utf8)), .tooLong, .bytes([])])
        #expect(splitter.finish() == .bytes(Array("x".utf8)))
        #expect(splitter.finish() == nil)
    }

    @Test func aRateSpreadsMessagesEvenly() {
        let start = ContinuousClock.now
        var pace = PublishPace(rate: 10)
        #expect(pace.pause(before: 1, now: start) == nil)
        #expect(pace.pause(before: 2, now: start) == .milliseconds(100))
        #expect(pace.pause(before: 3, now: start + .milliseconds(50)) == .milliseconds(150))
        #expect(pace.pause(before: 4, now: start + .seconds(1)) == nil)
        var free = PublishPace(rate: nil)
        #expect(free.pause(before: 9, now: start) == nil)
    }
}
