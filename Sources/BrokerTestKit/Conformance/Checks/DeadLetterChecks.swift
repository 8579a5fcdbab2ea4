// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Dead letters: they are complete, and there is exactly one for each message.
enum DeadLetterChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "a dead letter has the whole message and says where it comes from and why", needs: .redelivery, complete),
        ConformanceCheck(
            "a dead letter leaves its group at once and for good", needs: [.redelivery, .atomicDeadLetter], removed),
        ConformanceCheck("the id that is told of a dead letter is its own", needs: .redelivery, told),
        ConformanceCheck("dead letters go to the configured stream", needs: .redelivery, configured),
        ConformanceCheck("each group writes its own dead letter", needs: .redelivery, perGroup),
        ConformanceCheck(
            "a dead letter that is given back and given up again says its own cause", needs: .redelivery, again),
        ConformanceCheck(
            "a bound on the dead letters is kept, and what that cost is counted", needs: [.redelivery, .retention],
            bounded),
    ]

    private static let originals: [Message] = {
        var headers: Headers = ["trace": "1", "empty": ""]
        headers.append("trace", "2")
        headers.append("binary", bytes: Payload([0, 255, 10]))
        return [
            Message(Payload([0, 1, 2, 255, 13, 10]), key: "customer-1", headers: headers),
            Message(Payload.empty, headers: ["kind": "empty"]), Message(headers: ["kind": "absent"]),
            Message("last"),
        ]
    }()

    @Sendable static func complete(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        let subscription = try await bench.join(stream, as: "holder")
        let ids = try await bench.publish(originals, to: stream)
        try await bench.settle(try await bench.collect(4, from: subscription), .retry(after: .zero), on: subscription)
        let messages = try await bench.collect(4, from: subscription)
        let own = Dictionary(zip(bench.ids(of: messages), messages), uniquingKeysWith: { $1 })
        for (reason, id) in zip(DeadLetterNote.Reason.allCases, ids) {
            guard let message = own[id] else { throw ConformanceFailure("a message did not come again") }
            let note = DeadLetterNote(reason: reason, error: "broken: \(reason)", attempts: message.attempt)
            try await bench.settle(message, .deadLetter(note), on: subscription)
        }
        let letters = try await bench.collect(4, from: reader).map(\.message)
        for (index, reason) in DeadLetterNote.Reason.allCases.enumerated() {
            let id = own[ids[index]]?.receipt.id.description
            let letter = letters.first { $0.headers["sb-origin-id"] == id }
            guard let letter else { throw ConformanceFailure("no dead letter has sb-origin-id \(id ?? "")") }
            try expect(letter, of: originals[index], from: stream, reason)
        }
    }

    private static func expect(
        _ letter: Message, of original: Message, from stream: StreamName, _ reason: DeadLetterNote.Reason
    ) throws {
        let fields = [
            "sb-origin-stream": stream.text, "sb-group": "billing", "sb-consumer": "holder", "sb-attempts": "2",
            "sb-reason": reason.rawValue, "sb-error": "broken: \(reason)",
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            try BrokerTestKit.expect(letter.headers[name], is: value, "the field \(name)")
        }
        try BrokerTestKit.expect(letter.headers["sb-failed-at"]?.isEmpty, is: false, "sb-failed-at is empty")
        var plain = letter
        plain.headers = Headers(letter.headers.filter { !$0.name.hasPrefix("sb-") })
        try PayloadChecks.expect(plain, sameAs: original)
    }

    private static let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 1)

    @Sendable static func removed(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        let subscription = try await bench.join(stream)
        try await bench.publish(20, to: stream)
        let messages = try await bench.collect(20, from: subscription)
        let outcomes = try await bench.settle(messages, .deadLetter(note), on: subscription)
        try BrokerTestKit.expect(outcomes.allSatisfy { $0.kind == .done }, "every dead letter is done")
        try await bench.expectNothing(from: subscription, for: bench.takeover * 2, "dead-lettered messages")
        let origins = try await bench.collect(20, from: reader).compactMap { $0.message.headers["sb-origin-id"] }
        try expectExactly(origins.compactMap { MessageID($0) }, messages.ids, "the dead letters")
    }

    @Sendable static func told(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        let subscription = try await bench.join(stream)
        try await bench.publish(3, to: stream)
        // In the opposite order, so that no dead letter has the id of its message by chance.
        let messages: [InboundMessage] = try await bench.collect(3, from: subscription).reversed()
        let outcomes = try await bench.settle(messages, .deadLetter(note), on: subscription)
        let letters = try await bench.collect(3, from: reader)
        for (message, outcome) in zip(messages, outcomes) {
            guard case .deadLettered(let id) = outcome else { continue }
            let letter = letters.first { $0.receipt.id == id }?.message
            let origin = letter?.headers["sb-origin-id"]
            try BrokerTestKit.expect(origin, is: message.receipt.id.description, "the origin of dead letter \(id)")
        }
    }

    @Sendable static func configured(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let morgue = StreamName("{\(stream)}:morgue")
        let reader = try await bench.join(morgue, group: "watching")
        let subscription = try await bench.provider.subscribe(
            SubscriptionRequest(
                .stream(stream), group: "billing", consumer: "one",
                start: bench.provider.capabilities.contains(.replay) ? .earliest : .latest,
                visibility: bench.visibility, deadLetter: DeadLetterPolicy(stream: morgue)))
        try await bench.publish(1, to: stream)
        let message = try await bench.collect(1, from: subscription)[0]
        try await bench.settle(message, .deadLetter(note), on: subscription)
        let letter = try await bench.collect(1, from: reader)[0]
        try BrokerTestKit.expect(letter.message.headers["sb-origin-stream"], is: stream.text, "its origin")
    }

    @Sendable static func perGroup(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        let names: [GroupName] = ["billing", "search"]
        var subscriptions: [any BrokerSubscription] = []
        for name in names { subscriptions.append(try await bench.join(stream, group: name)) }
        try await bench.publish(1, to: stream)
        for subscription in subscriptions {
            let message = try await bench.collect(1, from: subscription)[0]
            try await bench.settle(message, .deadLetter(note), on: subscription)
        }
        let groups = try await bench.collect(2, from: reader).compactMap { $0.message.headers["sb-group"] }
        try BrokerTestKit.expect(groups.sorted(), is: names.map(\.text), "the groups of the dead letters")
    }

    @Sendable static func again(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        let subscription = try await bench.join(stream, as: "holder")
        try await bench.publish([originals[0]], to: stream)
        try await bench.settle(try await bench.collect(1, from: subscription)[0], .deadLetter(note), on: subscription)
        let first = try await bench.collect(1, from: reader)[0]
        try await bench.publish([first.message], to: stream)
        let returned = try await bench.collect(1, from: subscription)[0]
        try PayloadChecks.expect(returned.message, sameAs: first.message)
        let second = DeadLetterNote(reason: .attempts, error: "broken again", attempts: 7)
        try await bench.settle(returned, .deadLetter(second), on: subscription)
        let letter = try await bench.collect(1, from: reader)[0].message
        let fields = [
            "sb-origin-stream": stream.text, "sb-origin-id": returned.receipt.id.description, "sb-group": "billing",
            "sb-consumer": "holder", "sb-attempts": "7", "sb-reason": "attempts", "sb-error": "broken again",
        ]
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            let values = letter.headers.filter { $0.name == name }.map(\.value.string)
            try BrokerTestKit.expect(values, is: [value], "the field \(name)")
        }
        var plain = letter
        plain.headers = Headers(letter.headers.filter { !$0.name.hasPrefix("sb-") })
        try PayloadChecks.expect(plain, sameAs: originals[0])
    }

    @Sendable static func bounded(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        let subscription = try await bench.join(stream)
        try await bench.publish(1000, to: stream)
        let messages = try await bench.collect(1000, from: subscription)
        try await bench.settle(messages, .deadLetter(note), on: subscription)
        let policy = RetentionPolicy(maximumLength: 100, mode: .cap)
        let report = try await bench.provider.maintain(
            MaintenanceRequest(streams: [
                .init(selection: .stream(stream.deadLetters), retention: policy, groups: ["watching"])
            ]))
        try BrokerTestKit.expect((700...900).contains(report.lost), "what it cost is counted: \(report.lost)")
        let rest = try await bench.collect(1000 - report.lost, from: reader)
        let origins = rest.compactMap { $0.message.headers["sb-origin-id"].flatMap { MessageID($0) } }
        let newest = messages.suffix(1000 - report.lost).ids
        try expectExactly(origins, newest, "the newest dead letters stay")
        try await bench.expectNothing(from: subscription, for: bench.takeover, "messages whose dead letters are gone")
    }
}
