// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import RedisWire
import Testing

/// The cluster of the rig does what it says, seen by plain connections.
@Suite("The cluster of the rig", .inRealTime, .serialized) struct RedisClusterTests {
    @Test func formsWithinSecondsAndServesEverySlot() async throws {
        let begin = ContinuousClock.now
        try await RedisCluster.with { cluster in
            print("a cluster of \(cluster.nodes.count) formed within \(ContinuousClock.now - begin)")
            #expect(cluster.nodes.count == 6)
            let primaries = await cluster.primaries()
            #expect(primaries == Array(cluster.nodes.prefix(3)))
            for primary in primaries {
                #expect(await cluster.replicas(of: primary).count == 1)
                let key = try await cluster.name("key", on: primary)
                #expect(try await cluster.owner(of: key) == primary)
                #expect(try await primary.server.plain("SET", key, "a") == .text("OK"))
            }
            let ports = cluster.nodes.prefix(3).map { "127.0.0.1:\($0.port)" }
            #expect(cluster.url == "redis+cluster://\(ports.joined(separator: ","))")
        }
    }

    @Test func movesASlotStepByStep() async throws {
        try await RedisCluster.with { cluster in
            let move = try await cluster.move(of: RedisSlot(of: "{a}").number, to: cluster.nodes[0])
            try #require(move.source != move.target)
            for key in ["{a}1", "{a}2"] { try await move.source.server.demand(["SET", key, "value"]) }
            try await move.markImporting()
            try await move.markMigrating()
            #expect(try await move.keys().sorted() == ["{a}1", "{a}2"])
            try await move.migrate("{a}1")
            // The split state: the source asks for patience, the target answers whoever ASKs.
            let ask = "ASK \(move.slot) 127.0.0.1:\(move.target.port)"
            #expect(try await move.source.server.plain("GET", "{a}1") == .error(ask))
            #expect(try await move.source.server.plain("GET", "{a}2") == .text("value"))
            #expect(try await move.source.server.plain("MGET", "{a}1", "{a}2").errorText?.hasPrefix("TRYAGAIN") == true)
            let asked = try await move.target.server.withPlainConnection { connection in
                try await connection.send([["ASKING"], ["GET", "{a}1"], ["GET", "{a}1"]])
            }
            let moved = PlainReply.error("MOVED \(move.slot) 127.0.0.1:\(move.source.port)")
            #expect(asked == [.text("OK"), .text("value"), moved])
            try await move.migrateAll()
            try await move.assign()
            #expect(try await move.target.server.plain("GET", "{a}2") == .text("value"))
            #expect(
                try await move.source.server.plain("GET", "{a}2")
                    == .error("MOVED \(move.slot) 127.0.0.1:\(move.target.port)"))
            #expect(try await cluster.owner(of: "{a}1") == move.target)
        }
    }

    @Test func tellsOfASlotInTheWrongOrderToo() async throws {
        try await RedisCluster.with { cluster in
            let move = try await cluster.move(of: RedisSlot(of: "{a}").number, to: cluster.nodes[0])
            try #require(move.source != move.target)
            try await move.source.server.demand(["SET", "{a}1", "value"])
            await #expect(throws: RigFailure.self) { try await move.assign(at: move.source) }
            try await move.markImporting()
            try await move.markMigrating()
            try await move.migrateAll()
            try await move.assign(at: move.source)
            // Each sends to the other.
            for (one, other) in [(move.source, move.target), (move.target, move.source)] {
                #expect(
                    try await one.server.plain("GET", "{a}1") == .error("MOVED \(move.slot) 127.0.0.1:\(other.port)"))
            }
            try await move.assign()
            #expect(try await move.target.server.plain("GET", "{a}1") == .text("value"))
        }
    }

    /// Redis from 8.4 and Valkey from 9 can; all others say so.
    @Test func movesSlotsAtOnceWhereTheServerCan() async throws {
        try await RedisCluster.with { cluster in
            let slots = 0...9
            let hasMoved = try await cluster.moveAtomically(slots: slots, to: cluster.nodes[1])
            #expect(try await cluster.owner(of: slots.upperBound) == cluster.nodes[hasMoved ? 1 : 0])
        }
    }

    @Test(arguments: [RedisCluster.Failover.agreed, .force, .takeover])
    func letsAReplicaTakeOver(_ kind: RedisCluster.Failover) async throws {
        try await RedisCluster.with { cluster in
            let old = cluster.nodes[0]
            let replica = try #require(await cluster.replicas(of: old).first)
            let key = try await cluster.name("key", on: old)
            try await cluster.failover(to: replica, kind)
            try await cluster.waitUntilWell()
            #expect(try await cluster.owner(of: key) == replica)
            #expect(await cluster.replicas(of: replica) == [old])
        }
    }

    @Test func aNodeThatDiedIsReplacedAndComesBackAsItsReplica() async throws {
        try await RedisCluster.with { cluster in
            let old = cluster.nodes[0]
            let replica = try #require(await cluster.replicas(of: old).first)
            let key = try await cluster.name("key", on: old)
            await old.server.kill()
            try await eventually("a replica that took over") { await replica.ownLine()?.isPrimary == true }
            #expect(try await cluster.owner(of: key) == replica)
            try await cluster.waitUntilWell()
            try await old.server.start()
            try await cluster.waitUntilWell()
            #expect(await cluster.replicas(of: replica) == [old])
        }
    }

    @Test func aFrozenNodeIsReplacedToo() async throws {
        var settings = RedisCluster.Settings()
        settings.password = "secret"
        try await RedisCluster.with(settings) { cluster in
            let old = cluster.nodes[0]
            let replica = try #require(await cluster.replicas(of: old).first)
            try old.server.freeze()
            try await eventually("a replica that took over") { await replica.ownLine()?.isPrimary == true }
            try old.server.thaw()
            try await cluster.waitUntilWell()
            #expect(await cluster.replicas(of: replica) == [old])
            #expect(cluster.url.hasPrefix("redis+cluster://:secret@127.0.0.1:"))
        }
    }

    @Test func nodesComeAndGo() async throws {
        var settings = RedisCluster.Settings()
        settings.replicas = 0
        try await RedisCluster.with(settings) { cluster in
            let node = try await cluster.addNode()
            let slot = RedisSlot(of: "{a}").number
            try await cluster.move(slot: slot, to: node)
            #expect(try await cluster.owner(of: slot) == node)
            let replica = try await cluster.addNode(asReplicaOf: node)
            #expect(await cluster.replicas(of: node) == [replica])
            try await cluster.forget(replica)
            #expect(cluster.nodes.count == 4)
            let seen = try await cluster.nodes[0].view()
            #expect(!seen.contains { $0.id == replica.id })
            #expect(try await replica.server.plain("PING") == .text("PONG"))
        }
    }

    @Test func nothingIsLeftOfIt() async throws {
        var left: [RedisServer] = []
        try await RedisCluster.with { cluster in left = cluster.nodes.map(\.server) }
        #expect(left.count == 6)
        for server in left {
            #expect(!FileManager.default.fileExists(atPath: server.folder))
            await #expect(throws: (any Error).self) { try await server.plain("PING") }
        }
    }
}
