// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Groups over every stream that matches a pattern.
enum PatternChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("a pattern consumes streams that exist and streams that appear", needs: .patterns, matching),
        ConformanceCheck("a pattern leaves dead letters alone", needs: [.patterns, .redelivery], deadLetters),
        ConformanceCheck(
            "messages of a pattern are settled each in its stream", needs: [.patterns, .redelivery], settling),
    ]

    private static func join(
        _ pattern: String, _ bench: ConformanceBench, group: GroupName = "inbox"
    ) async throws -> any BrokerSubscription {
        try await bench.provider.subscribe(
            SubscriptionRequest(
                .pattern(StreamPattern(pattern)), group: group, consumer: "one",
                start: bench.provider.capabilities.contains(.replay) ? .earliest : .latest,
                visibility: bench.visibility))
    }

    private static func received(
        _ count: Int, _ subscription: any BrokerSubscription, _ bench: ConformanceBench
    ) async throws -> [StreamName: [MessageID]] {
        let messages = try await bench.collect(count, from: subscription, within: bench.takeover * 4)
        try await bench.settle(messages, .ack, on: subscription)
        return Dictionary(grouping: messages, by: \.receipt.stream).mapValues { bench.ids(of: $0).sorted() }
    }

    @Sendable static func matching(_ bench: ConformanceBench) async throws {
        let base = bench.stream("agent").text
        let names = ["\(base).one", "\(base).two", "\(base)-other", "\(base).three"].map { StreamName($0) }
        if bench.provider.capabilities.contains(.replay) {
            let ids = try await bench.publish(3, to: names[0])
            let early = try await join("\(base).*", bench, group: "early")
            try expect(try await received(3, early, bench), is: [names[0]: ids], "entries of streams that existed")
        }
        let subscription = try await bench.provider.subscribe(
            SubscriptionRequest(
                .pattern(StreamPattern("\(base).*")), group: "inbox", consumer: "one", start: .latest,
                visibility: bench.visibility))
        var expected: [StreamName: [MessageID]] = [:]
        for name in names { expected[name] = try await bench.publish(3, to: name) }
        expected[names[2]] = nil
        try expect(try await received(9, subscription, bench), is: expected, "entries of streams that match")
        await bench.time.pass(bench.visibility / 2)
        let late = StreamName("\(base).late")
        let ids = try await bench.publish(2, to: late)
        try expect(try await received(2, subscription, bench), is: [late: ids], "entries of a stream that appeared")
        try await bench.expectNothing(from: subscription, for: bench.visibility / 2, "streams that do not match")
    }

    @Sendable static func deadLetters(_ bench: ConformanceBench) async throws {
        let base = bench.stream("agent").text
        let subscription = try await join("*\(base)*", bench)
        try await bench.publish(1, to: StreamName("\(base).one"))
        let message = try await bench.collect(1, from: subscription, within: bench.takeover * 4)[0]
        let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 1)
        try await bench.settle(message, .deadLetter(note), on: subscription)
        try await bench.expectNothing(from: subscription, for: bench.takeover * 2, "a dead letter, to the pattern")
    }

    @Sendable static func settling(_ bench: ConformanceBench) async throws {
        let base = bench.stream("agent").text
        let subscription = try await join("\(base).*", bench)
        let names = (0..<5).map { StreamName("\(base).\($0)") }
        for name in names { try await bench.publish(4, to: name) }
        let messages = try await bench.collect(20, from: subscription, within: bench.takeover * 4)
        let settlements = messages.enumerated().map { index, message in
            Settlement(message.receipt, index % 2 == 0 ? .ack : .retry(after: .zero))
        }
        let outcomes = try await subscription.settle(settlements)
        try expect(outcomes.allSatisfy { $0.kind == .done }, "settlements across streams are done")
        let again = try await bench.collect(10, from: subscription)
        let retried = messages.enumerated().filter { $0.offset % 2 == 1 }.map(\.element.receipt)
        let found = Set(again.map { "\($0.receipt.stream) \($0.receipt.id)" })
        try expect(found, is: Set(retried.map { "\($0.stream) \($0.id)" }), "what was retried across streams")
        try expect(again.allSatisfy { $0.attempt == 2 }, "each at attempt 2")
    }
}
