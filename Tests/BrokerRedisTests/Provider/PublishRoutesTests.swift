// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// Which streams are put into the set that patterns read.
@Suite struct PublishRoutesTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func isDue(_ stream: StreamName, _ routes: inout PublishRoutes, at now: Instant) -> Bool {
        routes.route(to: stream, at: now) { PublishRoute(to: $0, declared: [], keys: RedisKeys()) }.isDue
    }

    @Test func aStreamIsPutIntoTheSetByItsFirstMessageAndThenAtIntervals() {
        var routes = PublishRoutes()
        let late = start + PublishRoutes.interval
        let times = [start, start + .milliseconds(1), late, late + .milliseconds(1)]
        let isDue = times.map { self.isDue("a", &routes, at: $0) }
        #expect(isDue == [true, false, true, false])
    }

    @Test func whatTheServerDidNotGetIsSentAgain() {
        var routes = PublishRoutes()
        _ = isDue("a", &routes, at: start)
        routes.forget(["a"])
        let isAgain = isDue("a", &routes, at: start)
        #expect(isAgain)
    }

    @Test func thereAreNeverMoreThanSoMany() {
        var routes = PublishRoutes()
        for number in 0..<PublishRoutes.maximum { _ = isDue(StreamName("s\(number)"), &routes, at: start) }
        let isDue = ["s0", "one more", "s0"].map { self.isDue($0, &routes, at: start) }
        #expect(isDue == [false, true, true])
    }
}
