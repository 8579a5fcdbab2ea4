// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Streams that are connected, through the whole engine over memory.
@Suite(.timeLimit(.minutes(1))) struct ConnectTests {
    private func makeBench(_ options: ConsumerOptions = .test()) throws -> EngineBench {
        let rest = GroupConfiguration("rest", .test())
        return try EngineBench(
            options,
            streams: [
                StreamConfiguration("next", maximumPayload: 8, groups: [rest]), StreamConfiguration("last"),
                StreamConfiguration("case.*"),
            ])
    }

    @Test func anOutputTakesThePlaceOfItsMessage() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { delivery in
            Message(Payload(delivery.text + "!"), headers: ["part": "1"])
        }
        try await bench.run {
            try await bench.publish("a", "b")
            await bench.pass(.seconds(60))
            let stored = try await bench.stored(in: "next")
            #expect(stored.map(\.message.payload).sorted { $0.string < $1.string } == ["a!", "b!"])
            #expect(stored.allSatisfy { $0.message.headers["part"] == "1" })
            #expect(try await bench.pending() == 0)
        }
        #expect(bench.events.kinds == [.forward, .forward])
        #expect(bench.events.settled.allSatisfy { $0.outcome == .done && $0.attempt == 1 })
    }

    @Test func theIdsOfAConversationGoAlong() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { $0.message }
        bench.registry.connect("next", group: "rest", to: "last") { [$0.message, Message("more")] }
        try await bench.run {
            let id = try await bench.registry.publish(
                Message("a", key: "k", headers: ["kind": "letter"]), to: "orders"
            ).id
            await bench.pass(.seconds(60))
            let next = try #require(try await bench.stored(in: "next").first)
            #expect(next.message.key == "k")
            #expect(
                next.message.headers == [
                    "kind": "letter", "sb-correlation-id": "orders/\(id)",
                    "sb-causation-id": "orders/\(id)",
                ])
            let last = try await bench.stored(in: "last").map(\.message)
            #expect(last.map(\.payload) == ["a", "more"])
            #expect(last.allSatisfy { $0.headers["sb-correlation-id"] == "orders/\(id)" })
            #expect(last.allSatisfy { $0.headers["sb-causation-id"] == "next/\(next.id)" })
            #expect(last.map(\.headers.count) == [3, 2], "each says once what it goes back to")
        }
    }

    @Test func nothingToPublishIsAnAck() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { _ in nil }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            #expect(try await bench.stored(in: "next").isEmpty)
            #expect(try await bench.pending() == 0)
        }
        #expect(bench.events.kinds == [.ack])
    }

    @Test func valuesBecomeValuesUnderTheSameKey() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next", as: String.self) { text, _ in
            text == "skip" ? nil : text.count
        }
        try await bench.run {
            try await bench.publish("four", "skip", "broken", key: "k")
            await bench.pass(.seconds(60))
            let stored = try await bench.stored(in: "next").map(\.message)
            #expect(stored.map(\.payload) == ["4"])
            #expect(stored.first?.key == "k")
            #expect(try await bench.deadLetters().map(\.payload) == ["broken"])
        }
    }

    @Test func aRouterChoosesTheStreamOfEachOutput() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: ["next", "case.*"], as: String.self) { text, _ in
            [.to("next", text), .to(StreamName("case.\(text)"), 7, key: "own", headers: ["h": "v"])]
        }
        try await bench.run {
            try await bench.publish("a", key: "k")
            await bench.pass(.seconds(60))
            #expect(try await bench.stored(in: "next").map(\.message.key) == ["k"])
            let own = try #require(try await bench.stored(in: "case.a").first?.message)
            #expect((own.payload, own.key, own.headers["h"]) == ("7", "own", "v"))
        }
        #expect(bench.events.kinds == [.forward])
    }

    @Test func anOutputWhereTheConnectionDoesNotLeadIsAFailure() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: ["next"]) { _ in
            [.to("next", Message("x")), .to("last", Message("y"))]
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            #expect(try await bench.stored(in: "next").isEmpty)
            #expect(try await bench.stored(in: "last").isEmpty)
            let letter = try await bench.deadLetters().first
            #expect(letter?.headers[ReservedHeaders.error]?.contains("does not lead to 'last'") == true)
        }
        #expect(bench.events.kinds == [.retry, .retry, .deadLetter])
    }

    @Test(arguments: [Message("more than 8 bytes"), Message("x", headers: ["sb-own": "y"])])
    func anOutputThatBreaksARuleIsAFailure(_ output: Message) async throws {
        let bench = try makeBench(.test(attempts: 2))
        bench.registry.connect("orders", group: "billing", to: "next") { _ in output }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            #expect(try await bench.stored(in: "next").isEmpty)
            #expect(try await bench.deadLetters().map(\.payload) == ["a"])
        }
        #expect(bench.events.kinds == [.retry, .deadLetter])
    }

    @Test func aValueThatCannotBeEncodedIsAFailure() async throws {
        let bench = try makeBench(.test(attempts: 2))
        bench.registry.connect("orders", group: "billing", to: "next", as: String.self) { _, _ in
            TextCodec.Unencodable()
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            let letter = try await bench.deadLetters().first
            #expect(letter?.headers[ReservedHeaders.reason] == "attempts")
            #expect(letter?.headers[ReservedHeaders.error]?.hasPrefix("encoding") == true)
        }
        #expect(bench.events.kinds == [.retry, .deadLetter])
    }

    @Test func aHandlerAndABatchMayForwardByAVerb() async throws {
        let bench = try makeBench(.test(concurrency: 1))
        bench.registry.handle("orders", group: "billing", batch: .upTo(3, within: .seconds(1))) { batch in
            for delivery in batch where delivery.text != "b" {
                try await delivery.forward(delivery.message, to: "next")
            }
        }
        try await bench.run {
            try await bench.publish("a", "b", "c")
            await bench.pass(.seconds(60))
            #expect(try await bench.stored(in: "next").map(\.message.payload) == ["a", "c"])
        }
        #expect(bench.events.kinds.filter { $0 == .forward }.count == 2)
        #expect(bench.events.kinds.filter { $0 == .ack }.count == 1)
    }

    @Test func whatAHandlerSettledItselfIsNotForwarded() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { delivery in
            try delivery.deadLetter("spam")
            return delivery.text == "a" ? Message("x") : nil
        }
        try await bench.run {
            try await bench.publish("a", "b")
            await bench.pass(.seconds(60))
            #expect(try await bench.stored(in: "next").isEmpty)
            #expect(try await bench.deadLetters().count == 2)
        }
        #expect(bench.events.kinds == [.deadLetter, .deadLetter])
        #expect(bench.events.failuresAfterSettling == 1)
    }

    @Test func aConnectionCanBeAddedWhileTheRegistryRuns() async throws {
        let bench = try makeBench()
        try await bench.run {
            try await bench.publish("a")
            try bench.registry.add(
                StreamHandler("orders", group: "billing", to: ["last"]) { [.to("last", $0.message)] })
            await bench.pass(.seconds(1))
            #expect(try await bench.stored(in: "last").count == 1)
            #expect(throws: ConfigurationError.self) {
                try bench.registry.add(StreamHandler("next", group: "rest", to: ["lost"]) { _ in [] })
            }
        }
    }
}
