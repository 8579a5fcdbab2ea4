// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerOperations
import RedisTestSupport
import StreamBroker
import Testing

/// What an operator sees of streams and groups, on memory and on a real server.
@Suite(.timeLimit(.minutes(2))) struct LookingTests {
    /// Runs `body` on both providers.
    private func onEach(_ body: (BrokerRegistry) async throws -> Void) async throws {
        try await body(try OperationsFixture.shop())
        try await RedisServer.with { server in
            try await body(try OperationsFixture.shop(OperationsFixture.redis(server.url)))
        }
    }

    /// Makes a group, as its first consumer does.
    private func subscribe(_ group: GroupName, to stream: String, of registry: BrokerRegistry) async throws {
        let provider = try #require(registry.broker("events")).service
        _ = try await provider.subscribe(
            SubscriptionRequest(StreamSelection(stream), group: group, consumer: "c1"))
    }

    @Test func lagIsCountedTheFarthestFirst() async throws {
        try await onEach { registry in
            try await subscribe("billing", to: "orders", of: registry)
            try await subscribe("log", to: "audit", of: registry)
            try await registry.publish(Message("x"), to: "orders")
            for _ in 1...3 { try await registry.publish(Message("x"), to: "audit") }
            let groups = try await Operations(registry).lag().groups
            #expect(groups.map(\.group) == ["log", "billing"])
            #expect(groups.map(\.lag) == [3, 1])
            #expect(groups.map(\.isDeclared) == [true, true])
        }
    }

    @Test func aDeclaredGroupThatTheBrokerLacksIsToldAsMissing() async throws {
        try await onEach { registry in
            try await subscribe("billing", to: "orders", of: registry)
            try await registry.publish(Message("x"), to: "orders")
            let groups = try await Operations(registry).groups(of: "orders").groups
            #expect(groups.map(\.group) == ["billing", "mail"])
            #expect(groups.map(\.exists) == [true, false])
            #expect(groups.map(\.lag) == [1, nil])
            let status = try await Operations(registry).status()
            #expect(status.attention.map(\.next).contains { $0.starts(with: ["groups", "ls"]) })
        }
    }

    @Test func aStreamIsShownWithItsFirstAndLastEntry() async throws {
        try await onEach { registry in
            let first = try await registry.publish(Message("a"), to: "orders").id
            let last = try await registry.publish(Message("b"), to: "orders").id
            let report = try await Operations(registry).stream("orders")
            #expect(report.stream.length == 2)
            #expect(report.firstID == "\(first)")
            #expect(report.lastID == "\(last)")
            #expect(report.firstStoredAt?.count == "2026-01-31T12:00:00.250Z".count)
            #expect(report.deadLetters == "{orders}:dead")
        }
    }

    @Test func aNameThatIsMisspeltIsToldWhatMayBeMeant() async throws {
        try await onEach { registry in
            try await registry.publish(Message("a"), to: "orders")
            try await subscribe("billing", to: "orders", of: registry)
            let operations = Operations(registry)
            let stream = await #expect(throws: BrokerError.self) { try await operations.stream("ordes") }
            #expect(stream?.message == "the configuration declares no stream 'ordes'; did you mean 'orders'?")
            let group = await #expect(throws: BrokerError.self) { try await operations.group("biling", of: "orders") }
            #expect(group?.message == "'orders' has no group 'biling'; did you mean 'billing'?")
            let broker = await #expect(throws: BrokerError.self) { try await operations.lag(on: "event") }
            #expect(broker?.message == "there is no broker 'event'; did you mean 'events'?")
        }
    }

    @Test func anAddressAloneShowsEverythingThatTheServerHas() async throws {
        try await RedisServer.with { server in
            let shop = try OperationsFixture.shop(OperationsFixture.redis(server.url))
            try await subscribe("billing", to: "orders", of: shop)
            try await shop.publish(Message("a"), to: "orders")
            try await shop.publish(Message("a"), to: "audit")
            try await shop.publish(Message("a"), to: "{orders}:dead")
            let operations = Operations(try OperationsFixture.bare(server.url))
            let streams = try await operations.streams().streams
            #expect(streams.map(\.stream) == ["audit", "orders", "{orders}:dead"])
            #expect(streams.map(\.holdsDeadLetters) == [false, false, true])
            let status = try await operations.status()
            #expect(status.brokers.map(\.deadLetters) == [1])
            #expect(status.attention.map(\.next).contains(["streams", "info", "{orders}:dead"]))
            let missing = await #expect(throws: BrokerError.self) { try await operations.stream("orderz") }
            #expect(missing?.message == "broker 'events' has no stream 'orderz' yet; did you mean 'orders'?")
        }
    }

    @Test func aServerThatIsAwayIsToldAndNothingIsZero() async throws {
        let url = try await RedisServer.with { $0.url }
        let status = try await Operations(try OperationsFixture.bare(url)).status()
        #expect(status.brokers.map(\.status) == ["down"])
        #expect(status.brokers.map(\.entries) == [nil])
        #expect(status.attention.map(\.severity) == [.critical])
        #expect(!status.isAnswered)
    }
}
