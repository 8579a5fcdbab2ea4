// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Testing

/// Handlers of values, single and in batches, and what becomes of what they cannot take.
@Suite(.timeLimit(.minutes(1))) struct TypedHandlerTests {
    struct Order: Codable, Sendable, Hashable {
        var number: Int
    }

    struct Refusal: Error {}

    private static let broken = Array(#"{"number": "secret"}"#.utf8)

    @Test func aBodyThatCannotBeDecodedIsADeadLetterWithItsBytes() async throws {
        let kinds = SettledKinds()
        let dead = Seen<Message>()
        try await withBrokerRegistry(RegistryFixture.orders(observers: [kinds])) { registry in
            registry.handle("orders", group: "workers", as: Order.self) { _, _ in
                Issue.record("the handler ran without a value")
            }
            registry.handle("{orders}:dead", group: "undertaker") { dead.add($0.message) }
        } body: { registry in
            try await registry.publish(Message(Self.broken, key: "ada", headers: ["trace": "abc"]), to: "orders")
            await dead.wait(for: 1)
        }
        let message = try #require(dead.all.first)
        #expect(message.payload.bytes.elementsEqual(Self.broken))
        #expect(message.key == "ada")
        #expect(message.headers["trace"] == "abc")
        #expect(message.headers["sb-reason"] == "undecodable")
        #expect(message.headers["sb-origin-stream"] == "orders")
        #expect(message.headers["sb-group"] == "workers")
        #expect(message.headers["sb-attempts"] == "1")
        #expect(message.headers["sb-error"] == "the body is no Order: expected Int at number")
        #expect(kinds.seen.all.first == .deadLetter)
    }

    @Test func aHandlerDecodesItselfByTheCodecOfTheRegistryOrByAnother() async throws {
        struct Plain: MessageCodec {
            func encode<Value: Encodable>(_ value: Value) throws -> Payload { Payload("\(value)") }
            func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
                try JSONMessageCodec().decode(type, from: Payload(#"{"number": \#(payload.string)}"#))
            }
        }
        let (numbers, dead) = (Seen<Int>(), Seen<Message>())
        try await withBrokerRegistry(RegistryFixture.orders()) { registry in
            registry.handle("orders", group: "workers") { delivery in
                let isPlain = delivery.message.headers["kind"] == "plain"
                numbers.add(
                    try isPlain ? delivery.decode(Order.self, with: Plain()).number : delivery.decode(Order.self).number
                )
            }
            registry.handle("{orders}:dead", group: "undertaker") { dead.add($0.message) }
        } body: { registry in
            let text = "2"
            try await registry.publish(Order(number: 1), to: "orders")
            try await registry.publish(Message(text, headers: ["kind": "plain"]), to: "orders")
            try await registry.publish(Message(Self.broken), to: "orders")
            await numbers.wait(for: 2)
            await dead.wait(for: 1)
        }
        #expect(numbers.all.sorted() == [1, 2])
        #expect(dead.all.map { $0.headers["sb-reason"] } == ["undecodable"])
        #expect(dead.all.map { $0.headers["sb-error"] } == ["the body is no Order: expected Int at number"])
    }

    @Test(
        arguments: [
            (
                ["payload": "{}", "type": "secret"], nil as BodyLayout?,
                "the entry has no field 'data'; its fields are 'payload', 'type'; set 'body:' of stream 'orders' to the "
                    + "field that is the body (docs/existing-streams.md)"
            ),
            (
                ["number": "1"], nil,
                "the entry has no field 'data'; its only field is 'number'; set 'body:' of stream 'orders' to the field "
                    + "that is the body (docs/existing-streams.md)"
            ),
            (
                [:], nil,
                "the entry has no field 'data'; it has no other field; set 'body:' of stream 'orders' to the field that is "
                    + "the body (docs/existing-streams.md)"
            ),
            (
                ["number": "1"], .raw,
                "stream 'orders' has 'body: raw', so its messages have no body to decode; write 'body: fields' or "
                    + "'body: { field: … }' (docs/existing-streams.md)"
            ),
        ] as [(Headers, BodyLayout?, String)])
    func anEntryWithoutABodySaysWhatItHasInstead(_ fields: Headers, _ body: BodyLayout?, _ error: String) async throws {
        let dead = Seen<Message>()
        let registry = try RegistryFixture.registry([
            StreamConfiguration("orders", body: body, groups: [GroupConfiguration("workers")])
        ])
        try await withBrokerRegistry(registry) { registry in
            registry.handle("orders", group: "workers", as: Order.self) { _, _ in
                Issue.record("the handler ran without a value")
            }
            registry.handle("{orders}:dead", group: "undertaker") { dead.add($0.message) }
        } body: { registry in
            try await registry.publish(Message(headers: fields), to: "orders")
            await dead.wait(for: 1)
        }
        #expect(dead.all.first?.headers["sb-error"] == error)
    }

    @Test func aBatchHasWhatCanBeDecodedAndTheRestIsDead() async throws {
        let batches = Seen<[Int]>()
        let dead = Seen<Message>()
        let registry = try RegistryFixture.orders()
        registry.handle(
            "orders", group: "workers", batch: .upTo(10, within: .milliseconds(50)), as: Order.self
        ) { items in
            batches.add(items.map(\.value.number))
        }
        registry.handle("{orders}:dead", group: "undertaker") { dead.add($0.message) }
        var messages = try (1...6).map { Message(try registry.encode(Order(number: $0))) }
        messages[2] = Message(Self.broken)
        let published = messages
        try await withBrokerRegistry(registry) { registry in
            _ = await registry.publish(batch: published, to: "orders")
            await dead.wait(for: 1)
            while batches.all.joined().count < 5 { await batches.wait(for: batches.all.count + 1) }
        }
        #expect(batches.all.joined().sorted() == [1, 2, 4, 5, 6])
        #expect(dead.all.map(\.payload.string) == [#"{"number": "secret"}"#])
    }

    @Test func aBatchThatThrowsIsRetriedAsAWhole() async throws {
        let kinds = SettledKinds()
        try await withBrokerRegistry(RegistryFixture.orders(observers: [kinds])) { registry in
            registry.handle(
                "orders", group: "workers", batch: .upTo(4, within: .milliseconds(20)), as: Order.self
            ) {
                if $0.contains(where: { $0.delivery.attempt == 1 }) { throw Refusal() }
            }
        } body: { registry in
            for number in 1...4 { try await registry.publish(Order(number: number), to: "orders") }
            while kinds.seen.all.count(where: { $0 == .ack }) < 4 {
                await kinds.seen.wait(for: kinds.seen.all.count + 1)
            }
        }
        #expect(kinds.seen.all.count { $0 == .retry } >= 4)
        #expect(kinds.seen.all.count { $0 == .deadLetter } == 0)
    }

    @Test func whatFailsInADeadLetterStreamIsTriedAgainAndNeverBuriedTwice() async throws {
        let attempts = Seen<Int>()
        let kinds = SettledKinds()
        try await withBrokerRegistry(RegistryFixture.orders(observers: [kinds])) { registry in
            registry.handle("orders", group: "workers") { _ in throw Reject("never") }
            // More often than the three attempts that the configuration allows.
            registry.handle("{orders}:dead", group: "undertaker") { delivery in
                attempts.add(delivery.attempt)
                #expect(!delivery.isLastAttempt)
                if delivery.attempt == 4 { throw Reject("not here either") }
                if delivery.attempt <= 6 { throw Refusal() }
            }
        } body: { registry in
            try await registry.publish(Order(number: 1), to: "orders")
            await attempts.wait(for: 7)
        }
        #expect(attempts.all == [1, 2, 3, 4, 5, 6, 7])
        #expect(kinds.seen.all.count { $0 == .deadLetter } == 1)
        #expect(kinds.seen.all.last == .ack)
    }

    @Test func aHandlerOfAPatternHasEveryStreamThatMatches() async throws {
        let seen = Seen<String>()
        let registry = try RegistryFixture.registry(
            [StreamConfiguration("agent.*", groups: [GroupConfiguration("watchers")]), StreamConfiguration("other")])
        try await withBrokerRegistry(registry) { registry in
            registry.handle("agent.*", group: "watchers") { seen.add("\($0.stream) \($0.message.payload.string)") }
            try await registry.publish(Message(Array("early".utf8)), to: "agent.one")
        } body: { registry in
            await seen.wait(for: 1)
            try await registry.publish(Message(Array("late".utf8)), to: "agent.two")
            try await registry.publish(Message(Array("unheard".utf8)), to: "other")
            try await registry.publish(Message(Array("more".utf8)), to: "agent.one")
            await seen.wait(for: 3)
        }
        #expect(seen.all.sorted() == ["agent.one early", "agent.one more", "agent.two late"])
    }
}
