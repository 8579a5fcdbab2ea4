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

/// Reading, following and emptying a stream.
@Suite(.inRealTime) struct PastTests {
    @Test func aLongPastIsReadInPages() async throws {
        try await ProviderFixture.with { fixture in
            let ids = try await fixture.publish(2500, to: "orders")
            #expect(try await fixture.provider.latest(2400, of: "orders").map(\.id) == ids.suffix(2400).reversed())
            let range = try await fixture.provider.range(ids[100]...ids[2300], of: "orders", limit: 9999)
            #expect(range.map(\.id) == Array(ids[100...2300]))
            #expect(range.first?.message.payload.string == "100")
            #expect(try await fixture.provider.range(.zero ... .maximum, of: "orders", limit: 1500).count == 1500)
            #expect(try await fixture.provider.latest(0, of: "orders").isEmpty)
            #expect(try await fixture.provider.latest(-1, of: "orders").isEmpty)
        }
    }

    @Test func entriesOfOthersAreRead() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.command("XADD", "orders 5-1 name value data first data second")
            let entry = try #require(try await fixture.provider.latest(1, of: "orders").first)
            #expect(entry.id == MessageID(milliseconds: 5, sequence: 1))
            #expect(entry.message.payload.string == "first")
            #expect(entry.message.headers.count == 2)
        }
    }

    @Test func aTailFollowsByOneConnection() async throws {
        try await ProviderFixture.with { fixture in
            var last = try await fixture.publish(1, to: "orders")[0]
            for round in 0..<20 {
                async let published = fixture.publish(1, to: "orders")
                let found = try await fixture.provider.tail("orders", after: last, limit: 10, wait: .seconds(20))
                #expect(found.count == 1, "\(round)")
                last = found.last?.id ?? last
                _ = try await published
            }
            let clients = try await fixture.command("CLIENT", "LIST").string ?? ""
            // Publishing, commands, one for the tail, the test's own, and what started the server.
            #expect(clients.split(separator: "\n").count <= 5, "\(clients)")
        }
    }

    @Test func aTailEndsWithItsTask() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.publish(1, to: "orders")
            let provider = fixture.provider
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: [StoredMessage].self) { group in
                group.addTask { try await provider.tail("orders", after: .maximum, limit: 1, wait: .seconds(60)) }
                group.addTask { try await provider.tail("other", after: .zero, limit: 1, wait: .seconds(60)) }
                try await eventually("a blocked client") {
                    (try await fixture.command("CLIENT", "LIST").string ?? "").contains("cmd=xread ")
                }
                group.cancelAll()
                for try await found in group { #expect(found.isEmpty) }
            }
            #expect(ContinuousClock.now - start < .seconds(30))
            try await eventually("no blocked client") {
                !(try await fixture.command("CLIENT", "LIST").string ?? "").contains("cmd=xread ")
            }
        }
    }

    @Test func aTailSurvivesItsConnection() async throws {
        try await ProviderFixture.with { fixture in
            let last = try await fixture.publish(1, to: "orders")[0]
            let provider = fixture.provider
            _ = try await provider.tail("orders", after: last, limit: 1, wait: .milliseconds(10))
            try await fixture.command("CLIENT", "KILL TYPE normal SKIPME yes")
            try await fixture.command("XADD", "orders * data 1")
            #expect(try await provider.tail("orders", after: last, limit: 1, wait: .seconds(5)).count == 1)
        }
    }

    @Test func aReadIsSentOnceMoreWhenItsConnectionIsLost() async throws {
        try await ProviderFixture.with { fixture in
            let ids = try await fixture.publish(2, to: "orders")
            try await RedisProxy.with(before: fixture.server.port) { proxy in
                let provider = try fixture.another { $0.connection.url = try RedisURL(proxy.url) }
                for name in ["XREVRANGE", "XREAD"] {
                    proxy.inject(.cut(perMille: 0)) { $0.name == name }
                }
                #expect(try await provider.latest(1, of: "orders").map(\.id) == [ids[1]])
                async let found = provider.tail("orders", after: ids[1], limit: 1, wait: .seconds(20))
                try await eventually("a read that follows") { proxy.counts["XREAD"] == 1 }
                try await fixture.publish(1, to: "orders")
                #expect(try await found.map(\.message.payload.string) == ["0"])
                #expect(proxy.strikes == 2)

                proxy.inject(.cut(perMille: 0), times: 2) { $0.name == "XREVRANGE" }
                let error = await #expect(throws: BrokerError.self) { try await provider.latest(1, of: "orders") }
                #expect(error?.code == .connection)
                await provider.close()
            }
        }
    }

    @Test func tailsCountAmongTheConnections() async throws {
        try await ProviderFixture.with { options in
            options.maximumConnections = 4
        } _: { fixture in
            let provider = fixture.provider
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await provider.tail("orders", after: .zero, limit: 1, wait: .seconds(60)) }
                try await eventually("a blocked client") {
                    (try await fixture.command("CLIENT", "LIST").string ?? "").contains("cmd=xread ")
                }
                let error = await #expect(throws: BrokerError.self) {
                    try await provider.tail("other", after: .zero, limit: 1, wait: .seconds(60))
                }
                #expect(error?.code == .overloaded)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func aConsumerTakesThePlaceOfATailThatIsOver() async throws {
        try await ProviderFixture.with { options in
            options.maximumConnections = 4
        } _: { fixture in
            _ = try await fixture.provider.tail("orders", after: .zero, limit: 1, wait: .milliseconds(10))
            let request = SubscriptionRequest(.stream("orders"), group: "billing", consumer: "one")
            let subscription = try await fixture.provider.subscribe(request)
            try await fixture.publish(1, to: "orders")
            let received = try await subscription.receive(ReceiveRequest(limit: 1, wait: .seconds(5)))
            #expect(received.messages.count == 1)
            await subscription.close()
        }
    }

    @Test func purgingRemovesEverythingAndKeepsGroups() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.publish(25_000, to: "orders")
            try await fixture.command("XGROUP", "CREATE orders billing 0")
            #expect(try await fixture.provider.purge("orders") == 25_000)
            #expect(try await fixture.provider.purge("orders") == 0)
            #expect(try await fixture.provider.purge("nowhere") == 0)
            #expect(try await fixture.command("XINFO", "GROUPS orders").elements.count == 1)
            #expect(try await fixture.command("EXISTS", "nowhere").integer == 0)
        }
    }
}
