// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

/// How log lines say how long something took.
@Suite struct DurationTextTests {
    @Test(arguments: [
        (Duration.nanoseconds(28_904), "0.03ms"), (.zero, "0.00ms"),
        (.milliseconds(12) + .microseconds(500), "12.50ms"),
        (.milliseconds(999), "999.00ms"), (.nanoseconds(999_999_999), "1.00s"), (.milliseconds(2_040), "2.04s"),
        (.seconds(3600), "3600.00s"), (.milliseconds(-3), "-3.00ms"),
        (.seconds(Int64.max), "9223372036854775807s"),
    ])
    func readsAsPeopleSayIt(duration: Duration, text: String) {
        #expect(duration.forReaders == text)
    }

    @Test(arguments: [
        (Duration.zero, "0 ms"), (.microseconds(850_400), "850 ms"), (.microseconds(999_600), "1 s"),
        (.milliseconds(1500), "1.5 s"), (.milliseconds(1020), "1 s"), (.milliseconds(9949), "9.9 s"),
        (.milliseconds(9950), "10 s"), (.seconds(45), "45 s"), (.seconds(119), "119 s"), (.seconds(120), "2 min"),
        (.seconds(3600), "60 min"), (.seconds(7200), "2 h"), (.seconds(86_400), "24 h"),
        (.seconds(Int64.max), "2562047788015215 h"),
    ])
    func isRoundedInASentence(duration: Duration, text: String) {
        #expect(duration.inWords == text)
    }
}
