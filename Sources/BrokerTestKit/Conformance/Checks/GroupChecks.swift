// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Groups: their consumers share messages, and groups do not affect each other.
enum GroupChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("consumers of a group share its messages, each exactly once", needs: .sharedGroups, sharing),
        ConformanceCheck("each group receives every message", everyGroup),
        ConformanceCheck("groups are independent under retry", needs: .redelivery, independence),
        ConformanceCheck("a message is not delivered again while its lease lasts", needs: .sharedGroups, leased),
        ConformanceCheck("groups made by many at once are one group", needs: [.sharedGroups, .replay], madeTogether),
    ]

    @Sendable static func sharing(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        var subscriptions: [any BrokerSubscription] = []
        for number in 0..<10 {
            let provider = number % 2 == 0 ? bench.provider : bench.peer
            subscriptions.append(try await bench.join(stream, as: ConsumerName("c\(number)"), on: provider))
        }
        let ids = try await bench.publish(500, to: stream)
        let received = try await withThrowingTaskGroup(of: [MessageID].self) { group in
            for subscription in subscriptions {
                group.addTask { try await receiveAll(from: subscription, bench) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try expectExactly(received, ids, "what ten consumers received together")
    }

    private static func receiveAll(
        from subscription: any BrokerSubscription, _ bench: ConformanceBench
    ) async throws -> [MessageID] {
        var ids: [MessageID] = []
        while true {
            let messages = try await subscription.receive(ReceiveRequest(limit: 10, wait: bench.visibility / 4))
                .messages
            if messages.isEmpty { return ids }
            try await bench.settle(messages, .ack, on: subscription)
            ids += bench.ids(of: messages)
        }
    }

    @Sendable static func everyGroup(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let billing = try await bench.join(stream, group: "billing")
        let search = try await bench.join(stream, group: "search")
        let ids = try await bench.publish(50, to: stream)
        for subscription in [billing, search] {
            let messages = try await bench.collect(50, from: subscription)
            try expectExactly(bench.ids(of: messages), ids, "the messages of a group")
            try expect(messages.allSatisfy { $0.attempt == 1 }, "no group gets what another has had")
        }
    }

    @Sendable static func independence(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let failing = try await bench.join(stream, group: "failing")
        let clean = try await bench.join(stream, group: "clean")
        try await bench.publish(20, to: stream)
        try await bench.settle(try await bench.collect(20, from: clean), .ack, on: clean)
        for attempt in 1...3 {
            let messages = try await bench.collect(20, from: failing)
            try expect(messages.attempts, is: Array(repeating: attempt, count: 20), "attempts of the failing group")
            try await bench.settle(messages, .retry(after: .zero), on: failing)
        }
        try await bench.expectNothing(from: clean, for: bench.takeover, "retries of the other group")
    }

    @Sendable static func leased(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream, as: "one")
        let other = try await bench.join(stream, as: "two", on: bench.peer)
        try await bench.publish(2, to: stream)
        _ = try await bench.collect(2, from: subscription)
        let almost = bench.visibility * 4 / 5 - bench.time.tolerance
        try await bench.expectNothing(from: subscription, for: almost / 2, "leased messages, to their holder")
        try await bench.expectNothing(from: other, for: almost / 2, "leased messages, to another consumer")
    }

    @Sendable static func madeTogether(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let ids = try await bench.publish(100, to: stream)
        let received = try await withThrowingTaskGroup(of: [MessageID].self) { group in
            for number in 0..<10 {
                let provider = number % 2 == 0 ? bench.provider : bench.peer
                group.addTask {
                    let subscription = try await bench.join(stream, as: ConsumerName("c\(number)"), on: provider)
                    return try await receiveAll(from: subscription, bench)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try expectExactly(received, ids, "what ten consumers of one group received, that joined at once")
    }
}
