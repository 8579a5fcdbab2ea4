// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Suspects: messages that may have killed their holders are leased one at a time.
enum SuspectChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "a receive brings at most one suspect, and none when it may not", needs: .redelivery, atMostOne),
        ConformanceCheck("a message whose retry was due is no suspect", needs: .redelivery, dueRetries),
        ConformanceCheck("suspects do not hide what else has expired", needs: .redelivery, others),
    ]

    /// Publishes `count` messages and lets their leases expire twice, so that their next leases are those of suspects.
    private static func leaveSuspects(_ count: Int, in stream: StreamName, _ bench: ConformanceBench) async throws {
        let subscriptions = [try await bench.join(stream, as: "crash1"), try await bench.join(stream, as: "crash2")]
        try await bench.publish(count, to: stream)
        for (index, subscription) in subscriptions.enumerated() {
            let messages = try await bench.collect(count, from: subscription, within: bench.takeover * 2)
            try expect(messages.allSatisfy { $0.attempt == index + 1 }, "crash \(index + 1) holds attempt \(index + 1)")
        }
        await bench.time.pass(bench.takeover)
    }

    @Sendable static func atMostOne(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        try await leaveSuspects(5, in: stream, bench)
        let subscriptions = [try await bench.join(stream, as: "three"), try await bench.join(stream, as: "four")]
        let none = try await subscriptions[0].receive(
            ReceiveRequest(limit: 10, wait: bench.visibility / 2, suspects: 0))
        try expect(none.messages.count, is: 0, "suspects for a receive that may bring none")
        var found: [MessageID] = []
        for subscription in subscriptions {
            let messages = try await bench.collect(1, from: subscription) + bench.poll(subscription, suspects: 0)
            try expect(messages.attempts, is: [3], "attempts of what a consumer with room for one suspect got")
            try expect(messages.allSatisfy(\.isSuspect), "it is a suspect")
            found += bench.ids(of: messages)
        }
        try expect(Set(found).count, is: 2, "different suspects of two consumers")
        let wide = try await bench.join(stream, as: "five")
        let brought = try await wide.receive(ReceiveRequest(limit: 100, wait: bench.takeover, suspects: 1)).messages
        try expect(brought.filter(\.isSuspect).count, is: 1, "suspects in one receive of a hundred")
    }

    @Sendable static func dueRetries(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(5, to: stream)
        for attempt in 1...5 {
            let messages = try await bench.collect(5, from: subscription, suspects: 0)
            try expect(messages.allSatisfy { $0.attempt == attempt && !$0.isSuspect }, "no suspect at \(attempt)")
            try await bench.settle(messages, .retry(after: .zero), on: subscription)
        }
    }

    @Sendable static func others(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let innocent = try await bench.join(stream, as: "innocent")
        try await leaveSuspects(3, in: stream, bench)
        let ids = try await bench.publish((10..<20).map { Message(Payload("\($0)")) }, to: stream)
        let first = try await bench.collect(10, from: innocent, suspects: 0)
        try expectExactly(bench.ids(of: first), ids, "new messages beside suspects")
        let subscription = try await bench.join(stream, as: "next")
        let second = try await bench.collect(10, from: subscription, suspects: 0)
        try expectExactly(bench.ids(of: second), ids, "expired messages beside suspects")
    }
}
