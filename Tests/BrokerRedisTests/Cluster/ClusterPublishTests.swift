// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// Publishing while a node of a cluster is away.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(2))) struct ClusterPublishTests {
    private func provider(_ cluster: RedisCluster) throws -> RedisStreamsProvider {
        var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(cluster.url)))
        options.connection.commandTimeout = .milliseconds(500)
        return try RedisStreamsProvider(options, clock: TimeControl.real().clock, logger: Logger(label: "cluster"))
    }

    private func publish(_ stream: String, _ provider: RedisStreamsProvider) async throws {
        let entry = PublishBatch.Entry(stream: StreamName(stream), message: Message("x"))
        for result in await provider.publish(PublishBatch([entry])) { _ = try result.get() }
    }

    /// One server is waited for as long as `connect-timeout`, and a failover as well: several command timeouts.
    @Test func aPublishWaitsForAFailoverAsItWaitsForOneServer() async throws {
        try await RedisCluster.with { cluster in
            let provider = try provider(cluster)
            try await publish("orders", provider)
            let owner = try await cluster.owner(of: "orders")
            await owner.server.kill()
            // The connection may break only now: what was sent on it is unknown.
            try? await publish("orders", provider)
            let began = ContinuousClock.now
            try await publish("orders", provider)
            #expect(ContinuousClock.now - began < .seconds(30))
            await provider.close()
        }
    }

    @Test func eachNodeIsAPlace() async throws {
        let cluster = try await RedisCluster.shared()
        let provider = try provider(cluster)
        #expect(provider.hasPlaces)
        try await publish("orders", provider)
        var places: [ClusterNode: Set<Int>] = [:]
        for number in 0..<30 {
            let name = "place.\(number)"
            places[try await cluster.owner(of: name), default: []].insert(provider.place(of: StreamName(name)))
        }
        #expect(places.count == 3)
        #expect(places.values.allSatisfy { $0.count == 1 })
        #expect(Set(places.values).count == 3)
        await provider.close()
    }

    /// Each primary is looked at: what holds for one of them is told with its address.
    @Test func aSettingOfOneNodeIsToldWithItsAddress() async throws {
        try await RedisCluster.with { cluster in
            let nodes = cluster.nodes.prefix(2)
            let (full, dead) = (try #require(nodes.first), try #require(nodes.last))
            try await full.server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            let request = SubscriptionRequest(.stream("orders"), group: "billing", consumer: "one")
            let lines = try await look(cluster, request)
            let address = "127.0.0.1:\(full.server.port)"
            #expect(
                lines.contains {
                    $0.contains("at \(address): maxmemory-policy is allkeys-lru: a server that is full may evict")
                }, "\(lines)")
            await dead.server.kill()
            let later = try await look(cluster, request)
            #expect(
                later.contains {
                    $0.contains("the node 127.0.0.1:\(dead.server.port) of the cluster could not be asked")
                })
        }
    }

    private func look(_ cluster: RedisCluster, _ request: SubscriptionRequest) async throws -> [String] {
        let log = LogLines()
        let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(cluster.url)))
        let provider = try RedisStreamsProvider(options, clock: TimeControl.real().clock, logger: log.logger)
        try await provider.checkServer(for: request)
        await provider.close()
        return log.lines(.warning) + log.lines(.debug)
    }
}
