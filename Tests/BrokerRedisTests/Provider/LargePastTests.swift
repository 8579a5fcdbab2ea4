// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import RedisTestSupport
import RedisWire
import Testing

/// A past of large bodies: more than a reply may have, and longer on its way than a lease lasts.
@Suite(.inRealTime) struct LargePastTests {
    private static let request = SubscriptionRequest(.stream("orders"), group: "billing", consumer: "one")

    /// A reply of more than 2 MiB ends its connection, and the first page would have 4.
    @Test func isReadWholeAndEndsNoConnectionButItsOwn() async throws {
        try await ProviderFixture.with { options in
            options.connection.limits.batchBytes = 2 << 20
        } _: { fixture in
            let ids = try await publish(200, of: 256 << 10, by: fixture)
            let subscription = try await fixture.provider.subscribe(Self.request)
            let receipts = try await subscription.receive(ReceiveRequest(limit: 1, wait: .seconds(5))).messages.map(
                \.receipt)
            #expect(try await isDone(subscription.extend(receipts)))
            let before = try await clients(fixture)
            let provider = fixture.provider
            #expect(try await provider.range(.zero ... .maximum, of: "orders", limit: 1000).map(\.id) == ids)
            #expect(try await provider.latest(150, of: "orders").map(\.id) == ids.suffix(150).reversed())
            #expect(try await provider.tail("orders", after: ids[9], limit: 100, wait: .zero).count == 100)
            #expect(try await isDone(subscription.extend(receipts)))
            #expect(before.isSubset(of: try await clients(fixture)), "connections of others are as they were")
            await subscription.close()
        }
    }

    @Test func isReadWhileConsumersHaveEveryConnection() async throws {
        try await ProviderFixture.with { options in
            options.connection.limits.batchBytes = 2 << 20
            options.maximumConnections = 4
        } _: { fixture in
            let ids = try await publish(40, of: 256 << 10, by: fixture)
            let subscription = try await fixture.provider.subscribe(Self.request)
            #expect(try await fixture.provider.range(.zero ... .maximum, of: "orders", limit: 1000).map(\.id) == ids)
            await subscription.close()
        }
    }

    /// The page never comes; leases are extended and settled meanwhile, and messages published.
    @Test func holdsUpNoHeartbeat() async throws {
        try await ProviderFixture.with { fixture in
            try await RedisProxy.with(before: fixture.server.port) { proxy in
                let provider = try fixture.another { options in
                    options.connection.url = try RedisURL(proxy.url)
                    options.connection.commandTimeout = .seconds(3)
                }
                try await fixture.publish(20, to: "orders")
                let subscription = try await provider.subscribe(Self.request)
                let receipts = try await subscription.receive(ReceiveRequest(limit: 9, wait: .seconds(5))).messages.map(
                    \.receipt)
                proxy.inject(.stall, times: .max) { $0.name == "XRANGE" }
                async let page = provider.range(.zero ... .maximum, of: "orders", limit: 10)
                try await eventually("a page under way") { proxy.counts["XRANGE"] == 1 }
                #expect(try await isDone(subscription.extend(receipts)))
                #expect(try await isDone(subscription.settle(receipts.map { Settlement($0, .ack) })))
                let stored = await provider.publish(PublishBatch([.init(stream: "orders", message: Message("new"))]))
                #expect(throws: Never.self) { try stored[0].get() }
                #expect(proxy.strikes == 1)
                do {
                    _ = try await page
                    Issue.record("the page has come")
                } catch {
                    #expect((error as? BrokerError)?.code == .timeout)
                }
                await subscription.close()
                await provider.close()
            }
        }
    }

    private func publish(_ count: Int, of bytes: Int, by fixture: ProviderFixture) async throws -> [MessageID] {
        let body = Payload(String(repeating: "x", count: bytes))
        var ids: [MessageID] = []
        for _ in 0..<count {
            let entry = PublishBatch.Entry(stream: "orders", message: Message(body))
            ids += try await fixture.provider.publish(PublishBatch([entry])).map { try $0.get().id }
        }
        return ids
    }

    private func isDone(_ outcomes: [SettlementOutcome]) -> Bool {
        !outcomes.isEmpty && outcomes.allSatisfy { if case .done = $0 { true } else { false } }
    }

    /// The numbers of the connections that the server has.
    private func clients(_ fixture: ProviderFixture) async throws -> Set<String> {
        let list = try await fixture.command("CLIENT", "LIST").string ?? ""
        return Set(list.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
    }
}
