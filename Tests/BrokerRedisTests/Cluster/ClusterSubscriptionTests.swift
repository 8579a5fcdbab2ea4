// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// Reads that wait on the nodes of a cluster.
@Suite(.inRealTime) struct ClusterSubscriptionTests {
    private func provider(
        _ cluster: RedisCluster, _ change: (inout RedisStreamsOptions) -> Void = { _ in }
    ) throws -> RedisStreamsProvider {
        var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(cluster.url)))
        change(&options)
        return try RedisStreamsProvider(options, clock: TimeControl.real().clock, logger: Logger(label: "cluster"))
    }

    private func publish(_ text: String, to stream: StreamName, _ provider: RedisStreamsProvider) async throws {
        let entry = PublishBatch.Entry(stream: stream, message: Message(Payload(text)))
        for result in await provider.publish(PublishBatch([entry])) { _ = try result.get() }
    }

    /// Returns the texts of the messages that come until there are that many.
    private func collect(_ count: Int, _ subscription: any BrokerSubscription) async throws -> [String] {
        var texts: [String] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while texts.count < count, .now < deadline {
            let found = try await subscription.receive(ReceiveRequest(limit: 100, wait: .seconds(1)))
            texts += found.messages.map { $0.message.payload.string }
            _ = try await subscription.settle(found.messages.map { Settlement($0.receipt, .ack) })
        }
        return texts
    }

    /// One connection cannot wait for streams of two slots, so each slot has a read of its own.
    @Test func aPatternWaitsForTheStreamsOfEveryNodeAtOnce() async throws {
        let cluster = try await RedisCluster.shared()
        let provider = try provider(cluster)
        for number in 0..<12 { try await publish("begin", to: StreamName("wide.\(number)"), provider) }
        let subscription = try await provider.subscribe(
            SubscriptionRequest(.pattern(StreamPattern("wide.*")), group: "crew", consumer: "one", start: .earliest))
        #expect(try await collect(12, subscription).count == 12)
        var slowest = Duration.zero
        for round in 0..<24 {
            async let received = subscription.receive(ReceiveRequest(limit: 100, wait: .seconds(20)))
            try await eventually("a read that waits") { try await blocked(cluster) >= 12 }
            let start = ContinuousClock.now
            try await publish("\(round)", to: StreamName("wide.\(round % 12)"), provider)
            let messages = try await received.messages
            slowest = max(slowest, ContinuousClock.now - start)
            #expect(messages.map(\.message.payload.string) == ["\(round)"])
            _ = try await subscription.settle(messages.map { Settlement($0.receipt, .ack) })
        }
        // The reads end by themselves after 0.8 seconds.
        #expect(slowest < .milliseconds(700))
        await subscription.close()
        await provider.close()
    }

    /// How many clients wait on all nodes.
    private func blocked(_ cluster: RedisCluster) async throws -> Int {
        var count = 0
        for node in cluster.nodes {
            let list = try await node.server.command("CLIENT", "LIST").string ?? ""
            count += list.split(separator: "\n").count { $0.contains("cmd=xreadgroup") && $0.contains("flags=b") }
        }
        return count
    }

    /// More streams than there may be lines: all are read.
    @Test func streamsOfMoreSlotsThanLinesAreReadToo() async throws {
        let cluster = try await RedisCluster.shared()
        let provider = try provider(cluster)
        let names = (0..<80).map { StreamName("many.\($0)") }
        for name in names { try await publish(name.text, to: name, provider) }
        let subscription = try await provider.subscribe(
            SubscriptionRequest(.pattern(StreamPattern("many.*")), group: "crew", consumer: "one", start: .earliest))
        #expect(Set(try await collect(80, subscription)) == Set(names.map(\.text)))
        for name in names { try await publish("again " + name.text, to: name, provider) }
        #expect(Set(try await collect(80, subscription)) == Set(names.map { "again " + $0.text }))
        await subscription.close()
        await provider.close()
    }

    @Test func tooFewConnectionsForTheNodesAreRefusedWithTheNumber() async throws {
        let cluster = try await RedisCluster.shared()
        let provider = try provider(cluster) { $0.maximumConnections = 10 }
        let error = await #expect(throws: BrokerError.self) {
            _ = try await provider.subscribe(SubscriptionRequest(.stream("orders"), group: "crew", consumer: "one"))
        }
        #expect(
            error?.message
                == "'max-connections: 10' is too few for a cluster of 3 primaries: the broker itself takes 10, and each "
                + "consumer one for each slot that it reads; raise it")
        await provider.close()
    }

    /// A move that stops half-way leaves the keys of a group at two nodes.
    @Test(arguments: ["orders", "{orders}:crew:floor"])
    func leasesLastWhileTheKeysOfTheirGroupAreAtTwoNodes(_ first: String) async throws {
        try await RedisCluster.with { cluster in
            let provider = try provider(cluster)
            try await publish("long", to: "orders", provider)
            let subscription = try await provider.subscribe(
                SubscriptionRequest(
                    .stream("orders"), group: "crew", consumer: "one", start: .earliest, visibility: .seconds(3)))
            let message = try #require(
                try await subscription.receive(ReceiveRequest(limit: 1, wait: .seconds(5))).messages.first)
            let source = try await cluster.owner(of: RedisSlot(of: "orders").number)
            let target = try #require(await cluster.primaries().first { $0 != source })
            let move = try await cluster.move(of: RedisSlot(of: "orders").number, to: target)
            try await move.markImporting()
            try await move.markMigrating()
            try await move.migrate(first)
            let start = ContinuousClock.now
            guard case .done = try await subscription.extend([message.receipt])[0] else {
                return #expect(Bool(false), "the lease is not extended")
            }
            #expect(ContinuousClock.now - start < .seconds(2), "in time for a heartbeat")
            try await move.migrateAll()
            try await move.assign()
            guard case .done = try await subscription.settle([Settlement(message.receipt, .ack)])[0] else {
                return #expect(Bool(false), "the message is not settled")
            }
            await subscription.close()
            await provider.close()
        }
    }

    @Test func aReadThatWaitsFollowsItsSlotAndLosesNothing() async throws {
        try await RedisCluster.with { cluster in
            let provider = try provider(cluster)
            let stream = StreamName("orders")
            try await publish("0", to: stream, provider)
            let subscription = try await provider.subscribe(
                SubscriptionRequest(.stream(stream), group: "crew", consumer: "one", start: .earliest))
            #expect(try await collect(1, subscription) == ["0"])
            let slot = RedisSlot(of: "orders").number
            for round in 1...3 {
                let source = try await cluster.owner(of: slot)
                let target = try #require(await cluster.primaries().first { $0 != source })
                async let found = collect(2, subscription)
                try await eventually("a read that waits") { try await blocked(cluster) == 1 }
                let move = try await cluster.move(of: slot, to: target)
                try await move.markImporting()
                try await move.markMigrating()
                try await move.migrateAll()
                try await publish("while it moves \(round)", to: stream, provider)
                try await move.assign()
                try await publish("when it has moved \(round)", to: stream, provider)
                #expect(try await found == ["while it moves \(round)", "when it has moved \(round)"])
            }
            await subscription.close()
            await provider.close()
        }
    }
}
