// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Requests whose answer comes from a later stage than the one that was asked.
@Suite(.timeLimit(.minutes(1))) struct RequestThroughStagesTests {
    private func makeBench() throws -> EngineBench {
        let rest = [GroupConfiguration("rest", .test())]
        return try EngineBench(
            .test(),
            streams: [
                StreamConfiguration("next", groups: rest), StreamConfiguration("last", groups: rest),
                StreamConfiguration("aside", groups: rest),
            ])
    }

    @Test func theLastStageAnswersWhoAskedTheFirst() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { Message(Payload($0.text + ", seen")) }
        bench.registry.connect("next", group: "rest", to: "last") { $0.message }
        bench.registry.handle("last", group: "rest") { delivery in
            #expect(delivery.isRequest)
            try await delivery.reply("re: \(delivery.text)")
        }
        try await bench.run {
            let answer = try await bench.registry.request(Message("one"), to: "orders")
            #expect(answer.payload == "re: one, seen")
            let stored = try #require(try await bench.stored(in: "last").first)
            #expect(answer.headers[ReservedHeaders.causationID] == "last/\(stored.id)")
            #expect(answer.headers[ReservedHeaders.correlationID] == stored.message.headers["sb-correlation-id"])
            #expect(bench.registry.waitingRequests == 0)
        }
        #expect(bench.events.droppedReplies.isEmpty)
    }

    @Test func whatAStagePublishesAfterItsReplyIsNoRequest() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { delivery in
            try await delivery.reply("at once")
            return delivery.message
        }
        let asks = Journal<Bool>()
        bench.registry.handle("next", group: "rest") { asks.append($0.isRequest) }
        try await bench.run {
            let answer = try await bench.registry.request(Message("one"), to: "orders")
            #expect(answer.payload == "at once")
            await bench.pass(.seconds(1))
            let stored = try await bench.stored(in: "next").map(\.message.headers["sb-reply-to"])
            #expect(stored == [nil])
        }
        #expect(asks.all == [false])
    }

    @Test func ofSeveralAnswersTheFirstCounts() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: ["last", "aside"]) { delivery in
            [.to("last", delivery.message), .to("aside", delivery.message)]
        }
        for stream in ["last", "aside"] {
            bench.registry.handle(stream, group: "rest") { try await $0.reply("from \(stream)") }
        }
        try await bench.run {
            let answer = try await bench.registry.request(Message("one"), to: "orders")
            #expect(["from last", "from aside"].contains(answer.payload.string))
            await bench.pass(.seconds(1))
        }
        #expect(bench.events.droppedReplies == [.unawaited])
    }

    @Test func aStageThatDropsARequestLeavesTheAskerToItsTimeout() async throws {
        let bench = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { _ in nil }
        try await bench.run {
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(5))
            }
            #expect(error?.code == .timeout)
        }
    }

    @Test func theAddressStaysOnTheBrokerThatWasAsked() async throws {
        let memory = { (name: BrokerName) in BrokerConfiguration(name, provider: "memory") }
        let group = [GroupConfiguration("crew", .test())]
        let configuration = BrokersConfiguration(
            brokers: [memory("events"), memory("far")], defaultBroker: "events",
            streams: [
                StreamConfiguration("a", groups: group), StreamConfiguration("near", groups: group),
                StreamConfiguration("abroad", broker: "far", groups: group),
            ])
        let asks = Journal<String>()
        let register: (BrokerRegistry) -> Void = { registry in
            registry.connect("a", group: "crew", to: ["near", "abroad"]) { delivery in
                [.to("near", delivery.message), .to("abroad", delivery.message)]
            }
            for stream in ["near", "abroad"] {
                registry.handle(stream, group: "crew") { delivery in
                    asks.append("\(stream) \(delivery.isRequest) \(delivery.correlationID != nil)")
                    if delivery.isRequest { try await delivery.reply(Message(delivery.message.payload)) }
                }
            }
        }
        try await withVirtualBroker(configuration, register: register) { broker in
            async let answer = broker.registry.request(Message("x"), to: "a")
            await broker.advance(by: .seconds(1))
            let payload = try await answer.payload
            #expect(payload == "x")
        }
        #expect(Set(asks.all) == ["near true true", "abroad false true"])
    }
}
