// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// No source of messages starves another.
enum QuotaChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "expired and due messages take at most a quarter each while there are new ones", needs: .redelivery,
            quarters),
        ConformanceCheck("with a limit of one, new, expired and due messages take turns", needs: .redelivery, turns),
        ConformanceCheck(
            "with a limit of one, a call that does not wait gets what is due", needs: .redelivery, dueAtOnce),
        ConformanceCheck("what one source leaves, the others take", needs: .redelivery, leftovers),
    ]

    /// Returns a subscription in a group with 24 expired, 24 due and 24 new messages.
    private static func subscription(_ bench: ConformanceBench) async throws -> any BrokerSubscription {
        let stream = bench.stream()
        let gone = try await bench.join(stream, as: "gone")
        try await bench.publish(24, to: stream)
        _ = try await bench.collect(24, from: gone)
        let failing = try await bench.join(stream, as: "failing")
        try await bench.publish(24, to: stream)
        let failed = try await bench.collect(24, from: failing)
        try await bench.settle(failed, .retry(after: bench.visibility), on: failing)
        await bench.time.pass(bench.takeover)
        let subscription = try await bench.join(stream, as: "next")
        try await bench.publish(24, to: stream)
        return subscription
    }

    @Sendable static func quarters(_ bench: ConformanceBench) async throws {
        let subscription = try await subscription(bench)
        var seen: [InboundMessage.Origin: Int] = [:]
        for _ in 0..<3 {
            let messages = try await subscription.receive(ReceiveRequest(limit: 8, wait: bench.visibility / 10))
                .messages
            let counts = Dictionary(grouping: messages, by: \.origin).mapValues(\.count)
            try expect(counts[.expired, default: 0] <= 2, "expired: at most 2 of 8, found \(counts)")
            try expect(counts[.retry, default: 0] <= 2, "due: at most 2 of 8, found \(counts)")
            seen.merge(counts, uniquingKeysWith: +)
        }
        try expect(seen.count, is: 3, "sources served in three receives")
    }

    @Sendable static func turns(_ bench: ConformanceBench) async throws {
        let subscription = try await subscription(bench)
        var seen: [InboundMessage.Origin: Int] = [:]
        for _ in 0..<12 {
            let messages = try await subscription.receive(ReceiveRequest(limit: 1, wait: bench.visibility / 10))
                .messages
            for message in messages { seen[message.origin, default: 0] += 1 }
        }
        for origin in [InboundMessage.Origin.new, .retry, .expired] {
            try expect(seen[origin, default: 0] >= 2, "each source at least twice in twelve receives, found \(seen)")
        }
    }

    @Sendable static func dueAtOnce(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let failing = try await bench.join(stream, as: "failing")
        let ids = try await bench.publish(3, to: stream)
        try await bench.settle(try await bench.collect(3, from: failing), .retry(after: .zero), on: failing)
        await bench.time.pass(bench.time.sweepInterval + bench.time.tolerance)
        let other = try await bench.join(stream, as: "other")
        var found: [InboundMessage] = []
        for _ in 0..<3 { found += try await bench.poll(other, limit: 1) }
        try expectExactly(bench.ids(of: found), ids, "due messages, asked for one by one")
    }

    @Sendable static func leftovers(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let failing = try await bench.join(stream, as: "failing")
        let ids = try await bench.publish(40, to: stream)
        try await bench.settle(try await bench.collect(40, from: failing), .retry(after: .zero), on: failing)
        let other = try await bench.join(stream, as: "other")
        let messages = try await bench.collect(40, from: other, within: bench.visibility / 2)
        try expectExactly(bench.ids(of: messages), ids, "due messages without competition")
    }
}
