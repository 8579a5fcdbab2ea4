// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Consumers come and go; messages stay.
enum RestartChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("consumers that come and go lose nothing", needs: .redelivery, comingAndGoing),
        ConformanceCheck("consumers that close all at once lose nothing", needs: .redelivery, closingTogether),
        ConformanceCheck("what failing consumers leave comes to a clean one", needs: .redelivery, afterErrors),
        ConformanceCheck("closing a subscription leaves its leases until they expire", needs: .redelivery, leftBehind),
        ConformanceCheck("a name that left can join again", rejoining),
    ]

    @Sendable static func comingAndGoing(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        await (try await bench.join(stream, as: "first")).close()
        let ids = try await bench.publish(100, to: stream)
        var done: Set<MessageID> = []
        for round in 0..<20 where done.count < 100 {
            let subscription = try await bench.join(stream, as: ConsumerName("c\(round)"))
            let messages = try await bench.collect(min(20, 100 - done.count), from: subscription)
            for (index, message) in messages.enumerated() {
                let isLate = round < 5 && index % 3 == 0
                try await bench.settle(message, isLate ? .retry(after: .zero) : .ack, on: subscription)
                if !isLate {
                    try expect(done.insert(bench.ids(of: [message])[0]).inserted, "an acknowledged message came again")
                }
            }
            await subscription.close()
        }
        try expectExactly(Array(done), ids, "what twenty consumers acknowledged one after another")
    }

    @Sendable static func closingTogether(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        await (try await bench.join(stream, as: "first")).close()
        let ids = try await bench.publish(50, to: stream)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    let subscription = try await bench.join(stream, as: ConsumerName("c\(number)"))
                    _ = try await bench.poll(subscription, limit: 3)
                    await subscription.close()
                }
            }
            try await group.waitForAll()
        }
        let more = try await bench.publish(50, to: stream)
        let subscription = try await bench.join(stream, as: "last")
        var found: [MessageID] = []
        while found.count < 100 {
            let messages = try await bench.collect(10, from: subscription, within: bench.takeover * 4)
            try await bench.settle(messages, .ack, on: subscription)
            found += bench.ids(of: messages)
        }
        try expectExactly(found, ids + more, "what the last consumer received")
    }

    @Sendable static func afterErrors(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        await (try await bench.join(stream, as: "first")).close()
        let ids = try await bench.publish(50, to: stream)
        for number in 0..<3 {
            let subscription = try await bench.join(stream, as: ConsumerName("failing\(number)"))
            for _ in 0..<2 {
                let messages = try await bench.collect(50, from: subscription)
                try await bench.settle(messages, .retry(after: .zero), on: subscription)
            }
            await subscription.close()
        }
        let clean = try await bench.join(stream, as: "clean")
        let messages = try await bench.collect(50, from: clean)
        try expectExactly(bench.ids(of: messages), ids, "what the clean consumer received")
        try expect(messages.attempts, is: Array(repeating: 7, count: 50), "attempts after six failures")
    }

    @Sendable static func leftBehind(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let leaving = try await bench.join(stream, as: "leaving")
        let ids = try await bench.publish(20, to: stream)
        let start = bench.time.now
        _ = try await bench.collect(20, from: leaving)
        await leaving.close()
        let next = try await bench.join(stream, as: "next")
        let early = bench.visibility - bench.time.tolerance * 2 - (bench.time.now - start)
        try await bench.expectNothing(from: next, for: max(.zero, early), "leases of a closed subscription")
        let messages = try await bench.collect(20, from: next)
        try expectExactly(bench.ids(of: messages), ids, "what the closed subscription held")
        try expect(messages.allSatisfy { $0.origin == .expired && $0.attempt == 2 }, "all expired, at attempt 2")
    }

    @Sendable static func rejoining(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let first = try await bench.join(stream, as: "same")
        let ids = try await bench.publish(10, to: stream)
        let before = try await bench.collect(5, from: first)
        try await bench.settle(before, .ack, on: first)
        await first.close()
        let second = try await bench.join(stream, as: "same")
        let after = try await bench.collect(5, from: second)
        try expectExactly(bench.ids(of: before + after), ids, "what two subscriptions of one name received")
    }
}
