// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Forwarding: publish to other streams and acknowledge, as one verb.
enum ForwardChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "forwarding stores its messages in order and removes the original", needs: [.redelivery, .atomicForward],
            forwarding),
        ConformanceCheck(
            "forwarding to several streams stores each message in its own", needs: [.redelivery, .atomicForward],
            severalStreams),
        ConformanceCheck("forwarding nothing is an ack", needs: .redelivery, nothing),
    ]

    @Sendable static func forwarding(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        // The same hash tag, which a cluster needs for one atomic step.
        let target = StreamName("{\(stream)}:next")
        let reader = try await bench.join(target, group: "watching")
        let subscription = try await bench.join(stream)
        try await bench.publish(1, to: stream)
        let message = try await bench.collect(1, from: subscription)[0]
        let forwarded = (0..<10).map { Message(Payload("part \($0)"), key: "k", headers: ["part": "\($0)"]) }
        let outcome = try await bench.settle(message, .forward(forwarded, to: target), on: subscription)
        try expect(outcome, isOneOf: .done, after: "forwarding")
        let found = try await bench.collect(10, from: reader).sorted { $0.receipt.id < $1.receipt.id }
        for (arrived, sent) in zip(found, forwarded) { try PayloadChecks.expect(arrived.message, sameAs: sent) }
        try await bench.expectNothing(from: subscription, for: bench.takeover, "a forwarded message")
    }

    @Sendable static func severalStreams(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let (left, right) = (StreamName("{\(stream)}:left"), StreamName("{\(stream)}:right"))
        let readers = (try await bench.join(left, group: "watching"), try await bench.join(right, group: "watching"))
        let subscription = try await bench.join(stream)
        try await bench.publish(1, to: stream)
        let message = try await bench.collect(1, from: subscription)[0]
        let entries = (0..<10).map { number in
            PublishBatch.Entry(stream: number % 2 == 0 ? left : right, message: Message(Payload("part \(number)")))
        }
        let outcome = try await bench.settle(message, .forward(entries), on: subscription)
        try expect(outcome, isOneOf: .done, after: "forwarding to two streams")
        for (reader, sent) in [(readers.0, left), (readers.1, right)] {
            let found = try await bench.collect(5, from: reader).sorted { $0.receipt.id < $1.receipt.id }
            let wanted = entries.filter { $0.stream == sent }
            for (arrived, entry) in zip(found, wanted) {
                try PayloadChecks.expect(arrived.message, sameAs: entry.message)
            }
        }
        try await bench.expectNothing(from: subscription, for: bench.takeover, "a message forwarded to two streams")
    }

    @Sendable static func nothing(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(1, to: stream)
        let message = try await bench.collect(1, from: subscription)[0]
        let outcome = try await bench.settle(
            message, .forward([], to: StreamName("{\(stream)}:next")), on: subscription)
        try expect(outcome, isOneOf: .done, after: "forwarding nothing")
        try await bench.expectNothing(from: subscription, for: bench.takeover, "a message forwarded as nothing")
    }
}
