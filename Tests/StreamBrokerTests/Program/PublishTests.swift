// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Testing

/// What may be published where, and what comes out at the other end.
@Suite(.timeLimit(.minutes(1))) struct PublishTests {
    struct Order: Codable, Sendable, Hashable {
        var number: Int
    }

    @Test func valuesKeysAndHeadersComeOutAsTheyWentIn() async throws {
        let seen = Seen<(Order, Message, Int)>()
        try await withBrokerRegistry(RegistryFixture.orders()) { registry in
            registry.handle("orders", group: "workers", as: Order.self) { order, delivery in
                seen.add((order, delivery.message, delivery.attempt))
            }
        } body: { registry in
            let headers: Headers = ["trace": "abc"]
            let receipt = try await registry.publish(Order(number: 1), to: "orders", key: "ada", headers: headers)
            #expect(receipt.id > .zero)
            #expect(!receipt.isDuplicate && receipt.replicas == nil)
            await seen.wait(for: 1)
        }
        let (order, message, attempt) = try #require(seen.all.first)
        #expect(order == Order(number: 1))
        #expect(message.payload.string == #"{"number":1}"#)
        #expect(message.key == "ada")
        #expect(message.headers["trace"] == "abc")
        #expect(message.headers.count == 1)
        #expect(attempt == 1)
    }

    @Test func aBatchAnswersForEachAndStoresTheGoodOnes() async throws {
        let seen = Seen<String>()
        let results = try await withBrokerRegistry(RegistryFixture.orders()) { registry in
            registry.handle("orders", group: "workers") { seen.add($0.message.payload.string) }
        } body: { registry in
            let messages = [
                Message(Array("a".utf8)), Message(Array("b".utf8), headers: ["sb-key": "x"]), Message(Array("c".utf8)),
            ]
            let results = await registry.publish(batch: messages, to: "orders")
            await seen.wait(for: 2)
            return results
        }
        #expect(results.count == 3)
        #expect(throws: Never.self) { try results[0].get() }
        #expect(throws: BrokerError.self) { try results[1].get() }
        #expect(throws: Never.self) { try results[2].get() }
        #expect(seen.all.sorted() == ["a", "c"])
    }

    @Test(arguments: ["data", "sb-key", "sb-", ""])
    func reservedAndEmptyHeaderNamesAreRefused(name: String) async throws {
        let registry = try RegistryFixture.orders()
        let error = await #expect(throws: BrokerError.self) {
            try await registry.publish(Message([1], headers: Headers([.init(name: name, value: .empty)])), to: "orders")
        }
        #expect(error?.code == .invalidMessage)
        #expect(error?.effect == .notApplied)
        #expect(try await registry.stats() == [])
    }

    @Test func aBodyMayBeAsLargeAsItsStreamSays() async throws {
        let registry = try RegistryFixture.registry([StreamConfiguration("small", maximumPayload: 10)])
        try await registry.publish(Message([UInt8](repeating: 0, count: 10)), to: "small")
        let error = await #expect(throws: BrokerError.self) {
            try await registry.publish(Message([UInt8](repeating: 0, count: 11)), to: "small")
        }
        #expect(error?.code == .payloadTooLarge)
        #expect(error?.message.hasPrefix("a body for small may have 10 bytes, this one has 11") == true)
        #expect(try await registry.stats().first?.length == 1)
    }

    @Test func anUndeclaredStreamIsRefusedWithASuggestion() async throws {
        let registry = try RegistryFixture.orders()
        let error = await #expect(throws: BrokerError.self) { try await registry.publish(1, to: "ordres") }
        #expect(
            error?.description
                == "undeclaredStream: the configuration declares no stream 'ordres'; did you mean 'orders'?")
        let results = await registry.publish(batch: [Message([1]), Message([2])], to: "ordres")
        #expect(
            results.allSatisfy { if case .failure(let error) = $0 { error.code == .undeclaredStream } else { false } })
    }

    @Test func aValueThatCannotBeEncodedIsRefusedWithoutShowingIt() async throws {
        let registry = try RegistryFixture.orders()
        let error = await #expect(throws: BrokerError.self) { try await registry.publish(Double.nan, to: "orders") }
        #expect(error?.code == .encoding)
        #expect(error?.description.contains("nan") == false)
    }

    @Test func whatIsStoredIsBroadcastOnTheSecondBrokerToo() async throws {
        let brokers = [
            BrokerConfiguration("main", provider: "memory"), BrokerConfiguration("live", provider: "memory"),
        ]
        let registry = try RegistryFixture.registry(
            [StreamConfiguration("orders", also: "live", maximumPayload: 3)], brokers: brokers, defaultBroker: "main")
        try await registry.publish(Message(Array("one".utf8)), to: "orders")
        _ = await registry.publish(
            batch: [Message(Array("two".utf8)), Message(Array("refused".utf8)), Message(Array("six".utf8))],
            to: "orders")
        for name in ["main", "live"] as [BrokerName] {
            let broker = try #require(registry.broker(name))
            let stored = try await broker.latest(10, of: "orders")
            #expect(stored.map(\.message.payload.string) == ["six", "two", "one"])
        }
    }

    @Test func whatEndsWithTheRegistryIsClosed() async throws {
        let registry = try RegistryFixture.orders()
        try await withBrokerRegistry(registry) { _ in }
        let error = await #expect(throws: BrokerError.self) { try await registry.publish(1, to: "orders") }
        #expect(error?.code == .closed)
    }
}
