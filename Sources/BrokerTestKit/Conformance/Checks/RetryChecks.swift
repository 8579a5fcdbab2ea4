// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Retries, releases and renewals: what counts, and when a message comes again.
enum RetryChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("a failed message comes again until it is acknowledged", needs: .redelivery, again),
        ConformanceCheck("a retry comes when its delay is over, neither early nor late", needs: .redelivery, timing),
        ConformanceCheck("a waiting receive is woken by a due retry", needs: .redelivery, woken),
        ConformanceCheck(
            "retries due at the same time keep the order of the stream", needs: [.redelivery, .ordered], order),
        ConformanceCheck("a release does not count, a retry does", needs: .redelivery, counting),
        ConformanceCheck(
            "a release comes when its delay is over, neither early nor late", needs: .redelivery, released),
        ConformanceCheck("renewing counts and keeps the lease", needs: .redelivery, renewing),
        ConformanceCheck("a retry that waits comes to whoever is there", needs: .redelivery, anybody),
        ConformanceCheck("a retry that is due is leased to one consumer only", needs: .redelivery, once),
    ]

    @Sendable static func again(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(100, to: stream)
        for attempt in 1...3 {
            let messages = try await bench.collect(100, from: subscription)
            try expectExactly(bench.ids(of: messages), ids, "messages at attempt \(attempt)")
            try expect(messages.allSatisfy { $0.attempt == attempt }, "every message is at attempt \(attempt)")
            let isRetry = messages.allSatisfy { $0.origin == (attempt == 1 ? .new : .retry) }
            try expect(isRetry, "the origin at attempt \(attempt)")
            try await bench.settle(messages, attempt < 3 ? .retry(after: .zero) : .ack, on: subscription)
        }
        try await bench.expectNothing(from: subscription, for: bench.takeover, "acknowledged messages")
    }

    /// The long delay comes first: a timer for it must not hide the short one.
    @Sendable static func timing(_ bench: ConformanceBench) async throws {
        let factors = [12, 3, 7]
        try await expectTiming(factors.map { bench.visibility * $0 / 6 }, bench) { .retry(after: $0) }
    }

    @Sendable static func released(_ bench: ConformanceBench) async throws {
        let factors = [9, 4]
        try await expectTiming(factors.map { bench.visibility * $0 / 6 }, bench) { .release(after: $0) }
    }

    private static func expectTiming(
        _ delays: [Duration], _ bench: ConformanceBench, _ action: (Duration) -> Settlement.Action
    ) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(delays.count, to: stream)
        let messages = try await bench.collect(delays.count, from: subscription)
        let start = bench.time.now
        for (id, delay) in zip(ids, delays) {
            for message in messages where bench.ids(of: [message]) == [id] {
                try await bench.settle(message, action(delay), on: subscription)
            }
        }
        for (id, delay) in zip(ids, delays).sorted(by: { $0.1 < $1.1 }) {
            let message = try await bench.collect(1, from: subscription, within: delay + bench.takeover)[0]
            let waited = bench.time.now - start
            try expect(bench.ids(of: [message])[0], is: id, "the message whose delay of \(delay) is over")
            try expect(waited >= delay - bench.time.tolerance, "early: after \(waited) instead of \(delay)")
            try expect(waited <= delay + bench.time.tolerance, "late: after \(waited) instead of \(delay)")
            try await bench.settle(message, .ack, on: subscription)
        }
    }

    @Sendable static func woken(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let failing = try await bench.join(stream, as: "failing")
        let waiting = try await bench.join(stream, as: "waiting")
        try await bench.publish(1, to: stream)
        let message = try await bench.collect(1, from: failing)[0]
        let start = bench.time.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await bench.time.pass(bench.visibility / 10)
                try await bench.settle(message, .retry(after: bench.visibility / 5), on: failing)
            }
            let found = try await waiting.receive(ReceiveRequest(limit: 1, wait: bench.visibility * 3)).messages
            try await group.waitForAll()
            let waited = bench.time.now - start
            try expect(found.attempts, is: [2], "attempts of the message that woke the receive")
            let due = bench.visibility * 3 / 10
            try expect(waited >= due - bench.time.tolerance, "early: after \(waited) instead of \(due)")
            let latest = due + bench.time.sweepInterval + bench.time.tolerance
            try expect(waited <= latest, "late: after \(waited), at the latest \(latest)")
        }
    }

    @Sendable static func order(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(30, to: stream)
        let messages = try await bench.collect(30, from: subscription)
        try await bench.settle(messages, .retry(after: bench.visibility / 5), on: subscription)
        await bench.time.pass(bench.visibility / 5 + bench.time.tolerance)
        let again = try await bench.collect(30, from: subscription)
        try expect(bench.ids(of: again) == ids, "thirty retries of one moment come in the order of the stream")
    }

    @Sendable static func counting(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(1, to: stream)
        let script: [(action: Settlement.Action, attempt: Int, releases: Int)] = [
            (.release(after: .zero), 1, 0), (.release(after: .zero), 1, 1), (.retry(after: .zero), 1, 2),
            (.release(after: .zero), 2, 2), (.retry(after: .zero), 2, 3), (.ack, 3, 3),
        ]
        var token: UInt64 = 0
        for (step, expected) in script.enumerated() {
            let message = try await bench.collect(1, from: subscription)[0]
            try expect(message.attempt, is: expected.attempt, "the attempt at step \(step)")
            try expect(message.releases, is: expected.releases, "the releases at step \(step)")
            try expect(message.receipt.token > token, "the token rises with every lease")
            token = message.receipt.token
            try expect(
                try await bench.settle(message, expected.action, on: subscription), isOneOf: .done,
                after: "step \(step)")
        }
    }

    @Sendable static func renewing(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream, as: "one")
        let other = try await bench.join(stream, as: "two")
        try await bench.publish(1, to: stream)
        let message = try await bench.collect(1, from: subscription)[0]
        await bench.time.pass(bench.visibility / 2)
        guard case .renewed(let receipt) = try await bench.settle(message, .renew, on: subscription) else {
            throw ConformanceFailure("renewing returns a new receipt")
        }
        try expect(receipt.id, is: message.receipt.id, "the entry of the new receipt")
        try expect(receipt.token > message.receipt.token, "the new receipt has a greater token")
        let outcome = try await bench.settle(message, .retry(after: .zero), on: subscription)
        try expect(outcome, isOneOf: .lost, after: "a retry by the receipt from before the renewal")
        try await bench.expectNothing(from: other, for: bench.visibility * 4 / 5, "a renewed lease, to another")
        let taken = try await bench.collect(1, from: other)[0]
        try expect(taken.attempt, is: 3, "the attempt after one renewal and one lost lease")
    }

    @Sendable static func anybody(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let failing = try await bench.join(stream, as: "failing")
        let ids = try await bench.publish(5, to: stream)
        let messages = try await bench.collect(5, from: failing)
        try await bench.settle(messages, .retry(after: bench.visibility / 2), on: failing)
        await failing.close()
        let other = try await bench.join(stream, as: "other", on: bench.peer)
        let again = try await bench.collect(5, from: other)
        try expectExactly(bench.ids(of: again), ids, "retries of a consumer that has left")
        try expect(again.attempts, is: [2, 2, 2, 2, 2], "their attempts")
    }

    /// Each call asks for fewer than are due, so that all four find some.
    @Sendable static func once(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let failing = try await bench.join(stream, as: "failing")
        let ids = try await bench.publish(100, to: stream)
        let messages = try await bench.collect(100, from: failing)
        try await bench.settle(messages, .retry(after: bench.visibility / 3), on: failing)
        let again = try await withThrowingTaskGroup(of: [InboundMessage].self) { group in
            for number in 0..<4 {
                let provider = number % 2 == 0 ? bench.provider : bench.peer
                let subscription = try await bench.join(stream, as: ConsumerName("c\(number)"), on: provider)
                group.addTask { try await take(from: subscription, bench) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try expectExactly(bench.ids(of: again), ids, "what was due, for four consumers")
        try expect(again.allSatisfy { $0.attempt == 2 && $0.origin == .retry }, "each is a retry at attempt 2")
    }

    private static func take(
        from subscription: any BrokerSubscription, _ bench: ConformanceBench
    ) async throws -> [InboundMessage] {
        let end = bench.time.now + bench.takeover
        var messages: [InboundMessage] = []
        while bench.time.now < end {
            let found = try await subscription.receive(ReceiveRequest(limit: 10, wait: bench.visibility / 6)).messages
            try await bench.settle(found, .ack, on: subscription)
            messages += found
        }
        return messages
    }
}
