// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// Which streams are put into the set that patterns read.
@Suite struct PublishTargetsTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func isDue(_ stream: StreamName, _ targets: inout PublishTargets, at now: Instant) -> Bool {
        targets.target(for: stream, at: now) { PublishTarget(to: $0, declared: [], keys: RedisKeys()) }.isDue
    }

    @Test func aStreamIsPutIntoTheSetByItsFirstMessageAndThenAtIntervals() {
        var targets = PublishTargets()
        let late = start + PublishTargets.interval
        let times = [start, start + .milliseconds(1), late, late + .milliseconds(1)]
        let isDue = times.map { self.isDue("a", &targets, at: $0) }
        #expect(isDue == [true, false, true, false])
    }

    @Test func whatTheServerDidNotGetIsSentAgain() {
        var targets = PublishTargets()
        _ = isDue("a", &targets, at: start)
        targets.forget(["a"])
        let isAgain = isDue("a", &targets, at: start)
        #expect(isAgain)
    }

    @Test func thereAreNeverMoreThanTheMaximum() {
        var targets = PublishTargets()
        for number in 0..<PublishTargets.maximum { _ = isDue(StreamName("s\(number)"), &targets, at: start) }
        let isDue = ["s0", "one more", "s0"].map { self.isDue($0, &targets, at: start) }
        #expect(isDue == [false, true, true])
    }
}
