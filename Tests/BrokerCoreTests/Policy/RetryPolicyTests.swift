// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct RetryPolicyTests {
    private struct Steady: RandomNumberGenerator {
        mutating func next() -> UInt64 { 1 << 62 }
    }

    private func delays(_ policy: RetryPolicy, _ attempts: ClosedRange<Int>) -> [Duration] {
        var generator = Steady()
        return attempts.map { policy.delay(afterAttempt: $0, using: &generator) }
    }

    @Test func growsAsItsKindSays() {
        let initial = Duration.seconds(2)
        #expect(
            delays(RetryPolicy(backoff: .fixed, initial: initial, jitter: 0), 1...3) == [initial, initial, initial])
        #expect(
            delays(RetryPolicy(backoff: .linear, initial: initial, jitter: 0), 1...3)
                == [.seconds(2), .seconds(4), .seconds(6)])
        #expect(
            delays(RetryPolicy(initial: initial, jitter: 0), 1...4)
                == [.seconds(2), .seconds(4), .seconds(8), .seconds(16)])
    }

    @Test func neverPassesTheMaximumAndNeverOverflows() {
        let policy = RetryPolicy(initial: .seconds(3600), maximum: .seconds(86_400), jitter: 1)
        var generator = SystemRandomNumberGenerator()
        for attempt in [1, 10, 62, 63, 64, 65, 1000, 1_000_000_000, Int.max, 0, -5, Int.min] {
            let delay = policy.delay(afterAttempt: attempt, using: &generator)
            #expect(delay >= .zero && delay <= .seconds(86_400))
        }
        let endless = RetryPolicy(initial: .seconds(Int64.max), maximum: .seconds(Int64.max), jitter: 1)
        #expect(endless.delay(afterAttempt: 99, using: &generator) >= .zero)
    }

    @Test func jitterSpreadsOverItsWholeRangeAndStaysInIt() {
        let policy = RetryPolicy(backoff: .fixed, initial: .seconds(10), jitter: 0.5)
        var generator = SystemRandomNumberGenerator()
        let delays = (0..<2000).map { _ in policy.delay(afterAttempt: 1, using: &generator) }
        #expect(delays.allSatisfy { $0 >= .seconds(5) && $0 <= .seconds(15) })
        #expect(delays.contains { $0 < .seconds(6) } && delays.contains { $0 > .seconds(14) })
    }

    @Test func theNearestPlaceWinsPartByPart() {
        let defaults = ConsumerOptions(retry: RetryOptions(attempts: 9, initial: .seconds(3)), prefetch: 5)
        let stream = ConsumerOptions(visibility: .seconds(60), retry: RetryOptions(attempts: 4))
        let group = ConsumerOptions(retry: RetryOptions(jitter: 0), concurrency: 2)
        let settings = ConsumerSettings(defaults, stream, group)
        #expect(settings.retry == RetryPolicy(attempts: 4, initial: .seconds(3), jitter: 0))
        #expect(settings.visibility == .seconds(60))
        #expect(settings.concurrency == 2)
        #expect(settings.prefetch == 5)
    }
}
