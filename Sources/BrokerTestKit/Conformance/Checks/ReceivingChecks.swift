// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// How `receive` waits, wakes and ends.
enum ReceivingChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("messages of a stream come in the order in which they were stored", needs: .ordered, order),
        ConformanceCheck("a receive brings no more than its limit", limit),
        ConformanceCheck("a receive without messages waits as long as it was asked to", waiting),
        ConformanceCheck("a waiting receive is woken by a publish", woken),
        ConformanceCheck("a cancelled receive returns without error and loses nothing", cancelled),
        ConformanceCheck("closing a subscription ends its waiting receive", closing),
        ConformanceCheck("settling runs to its end in a cancelled task", shielded),
    ]

    @Sendable static func order(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        var published: [MessageID] = []
        var received: [MessageID] = []
        for _ in 0..<10 {
            published += try await bench.publish(100, to: stream)
            received += bench.ids(of: try await bench.collect(60, from: subscription))
        }
        received += bench.ids(of: try await bench.collect(400, from: subscription))
        try expect(received == published, "a thousand messages come in the order of their ids")
    }

    @Sendable static func limit(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let ids = try await bench.publish(20, to: stream)
        var found: [MessageID] = []
        while found.count < 20 {
            let some = try await subscription.receive(ReceiveRequest(limit: 7, wait: bench.visibility))
            try expect((1...7).contains(some.messages.count), "between 1 and 7 messages, found \(some.messages.count)")
            found += bench.ids(of: some.messages)
        }
        try expectExactly(found, ids, "the messages of several receives")
        let none = try await subscription.receive(ReceiveRequest(limit: 0, wait: .zero))
        try expect(none.messages.count, is: 0, "messages for a limit of 0")
    }

    @Sendable static func waiting(_ bench: ConformanceBench) async throws {
        let subscription = try await bench.join(bench.stream())
        let start = bench.time.now
        let received = try await subscription.receive(ReceiveRequest(limit: 5, wait: bench.visibility / 2))
        let waited = bench.time.now - start
        try expect(received.messages.count, is: 0, "messages of an empty stream")
        try expect(waited >= bench.visibility / 2 - bench.time.tolerance, "returned too early, after \(waited)")
        try expect(waited <= bench.visibility / 2 + bench.time.tolerance, "returned too late, after \(waited)")
    }

    @Sendable static func woken(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await bench.time.pass(bench.visibility / 4)
                try await bench.publish(1, to: stream)
            }
            let start = bench.time.now
            let received = try await subscription.receive(ReceiveRequest(limit: 5, wait: bench.visibility * 3))
            let waited = bench.time.now - start
            try await group.waitForAll()
            try expect(received.messages.count, is: 1, "messages of the publish")
            try expect(waited <= bench.visibility / 4 + bench.time.tolerance, "woken too late, after \(waited)")
        }
    }

    @Sendable static func cancelled(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        let start = bench.time.now
        let leased = try await withThrowingTaskGroup(of: Received.self) { group in
            group.addTask { try await subscription.receive(ReceiveRequest(limit: 5, wait: bench.visibility * 3)) }
            await bench.time.pass(bench.visibility / 10)
            group.cancelAll()
            return try await group.next()?.messages ?? []
        }
        let waited = bench.time.now - start
        try expect(waited <= bench.visibility / 10 + bench.time.tolerance, "cancelled too late, after \(waited)")
        let ids = try await bench.publish(5, to: stream)
        let later = try await bench.collect(5, from: subscription, within: bench.visibility / 2)
        try expectExactly(bench.ids(of: leased + later), ids, "what was published after the cancelled receive")
    }

    @Sendable static func closing(_ bench: ConformanceBench) async throws {
        let subscription = try await bench.join(bench.stream())
        let start = bench.time.now
        await withTaskGroup { group in
            group.addTask {
                await bench.time.pass(bench.visibility / 10)
                await subscription.close()
                await subscription.close()
            }
            _ = try? await subscription.receive(ReceiveRequest(limit: 5, wait: bench.visibility * 3))
        }
        let waited = bench.time.now - start
        try expect(waited <= bench.visibility / 2 + bench.time.tolerance, "returned \(waited) after it began")
    }

    @Sendable static func shielded(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(2, to: stream)
        let messages = try await bench.collect(2, from: subscription)
        let outcomes = try await withThrowingTaskGroup(of: [SettlementOutcome].self) { group in
            group.cancelAll()
            group.addTask { try await bench.settle(messages, .ack, on: subscription) }
            return try await group.next() ?? []
        }
        try expect(outcomes.map(\.kind), is: [.done, .done], "outcomes in a cancelled task")
        try await bench.expectNothing(
            from: subscription, for: bench.takeover, "messages acknowledged in a cancelled task")
    }
}
