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

/// Live messages on a real cluster whose slots move and whose nodes die.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(3))) struct ClusterPubSubTests {
    @Test func aSlotThatMovesIsOneGapAndGoesOnWithinASecond() async throws {
        try await RedisCluster.with { cluster in
            try await ClusterListening.with(cluster, .sharded) { scene in
                let subscription = try await scene.join("ticks")
                let source = try await cluster.owner(of: "ticks")
                let target = try #require(await cluster.primaries().first { $0 != source })
                let flow = try await scene.flow(to: "ticks", into: subscription) {
                    try await cluster.move(slot: RedisSlot(of: "ticks").number, to: target)
                }
                print(
                    "a slot moved: \(flow.missed) of \(flow.published.count) missed, longest pause \(flow.longestPause)"
                )
                #expect(flow.isInOrder)
                #expect(flow.longestPause < .seconds(1))
                #expect(await scene.detail("gaps") == 1)
                #expect(try await scene.homes(of: "ticks", .sharded) == [target])
                #expect(
                    scene.log.lines(.warning) == [
                        "warning: Live messages are missed until their channels are found again: a slot has moved to "
                            + "another node broker.address=127.0.0.1:\(source.port) broker.gaps=1"
                    ])
            }
        }
    }

    /// The channel of another node goes on meanwhile, and its listener misses nothing.
    @Test func aNodeThatDiesIsOneGapUntilItsReplicaServes() async throws {
        try await RedisCluster.with { cluster in
            try await ClusterListening.with(cluster, .sharded) { scene in
                let subscription = try await scene.join("ticks")
                let victim = try await cluster.owner(of: "ticks")
                let survivor = try #require(await cluster.primaries().first { $0 != victim })
                let other = try await cluster.name("other", on: survivor)
                let neighbour = try await scene.join(other)
                let flow = try await scene.flow(to: "ticks", into: subscription) {
                    await victim.server.kill()
                    let batch = PublishBatch([.init(stream: StreamName(other), message: Message("meanwhile"))])
                    try await eventually("the neighbour is served") {
                        (try? await scene.publisher.publish(batch)[0].get()) != nil
                    }
                    try await cluster.waitUntilAllServed()
                    try await eventually("it is listened to again") { await scene.detail("gaps") == 1 }
                    try await eventually("everything is confirmed") { await scene.listener.health().isReady }
                }
                print(
                    "a node died: \(flow.missed) of \(flow.published.count) missed, longest pause \(flow.longestPause)")
                #expect(flow.isInOrder)
                let last = try #require(flow.received.last).number
                #expect(last > flow.published.count / 2)
                #expect(await scene.detail("gaps") == 1)
                let messages = try await neighbour.receive(ReceiveRequest(limit: 10, wait: .seconds(5))).messages
                #expect(messages.contains { $0.message.payload == "meanwhile" })
            }
        }
    }

    @Test func aPlannedFailoverGoesOnWithinASecond() async throws {
        try await RedisCluster.with { cluster in
            try await ClusterListening.with(cluster, .sharded) { scene in
                let subscription = try await scene.join("ticks")
                let former = try await cluster.owner(of: "ticks")
                let successor = try #require(await cluster.replicas(of: former).first)
                let flow = try await scene.flow(to: "ticks", into: subscription) {
                    try await cluster.failover(to: successor)
                }
                print("planned failover: \(flow.missed) missed, longest pause \(flow.longestPause)")
                #expect(flow.isInOrder)
                #expect(flow.longestPause < .seconds(1))
                #expect(await scene.detail("gaps") == 1)
                // The former primary confirms channels as a replica, too.
                let homes = try await scene.homes(of: "ticks", .sharded)
                #expect(homes == [former] || homes == [successor])
            }
        }
    }

    @Test func classicChannelsAreListenedToAtAnotherNodeWhenTheirsDies() async throws {
        try await RedisCluster.with { cluster in
            try await ClusterListening.with(cluster, .classic) { scene in
                let subscription = try await scene.join("tick*")
                // One message, so that the publisher has a node, too.
                let first = PublishBatch([.init(stream: "ticks", message: Message("0"))])
                _ = try await scene.publisher.publish(first)[0].get()
                let home = try #require(try await scene.homesOfPatterns().first)
                let flow = try await scene.flow(to: "ticks", into: subscription) {
                    await home.server.kill()
                    try await eventually("the gap is counted") { await scene.detail("gaps") == 1 }
                    try await eventually("everything is confirmed") { await scene.listener.health().isReady }
                }
                print("classic: \(flow.missed) of \(flow.published.count) missed, longest pause \(flow.longestPause)")
                #expect(flow.longestPause < .seconds(1))
                #expect(await scene.detail("gaps") == 1)
            }
        }
    }

}

extension ClusterListening {
    /// The nodes at which a pattern is listened to.
    fileprivate func homesOfPatterns() async throws -> [ClusterNode] {
        var homes: [ClusterNode] = []
        for node in cluster.nodes where try await node.server.command("PUBSUB", "NUMPAT").integer ?? 0 > 0 {
            homes.append(node)
        }
        return homes
    }
}

extension RedisCluster {
    /// Waits until the nodes that live serve all slots.
    fileprivate func waitUntilAllServed() async throws {
        try await eventually("all slots are served") {
            for node in nodes {
                guard let info = try? await node.info() else { continue }
                if info["cluster_state"] != "ok" { return false }
            }
            return true
        }
    }
}
