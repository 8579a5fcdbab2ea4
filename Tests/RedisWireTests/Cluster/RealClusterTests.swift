// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

/// A connection to a real cluster of three primaries and three replicas, while nothing happens to it.
@Suite(.inRealTime) struct RealClusterTests {
    private static let script = RedisScript("return redis.call('XLEN', KEYS[1]) + ARGV[1]")

    @Test func streamsOfAllNodesAreWrittenReadAndSettled() async throws {
        let cluster = try await RedisCluster.shared()
        let router = try clusterRouter(cluster.url)
        let connection = try await router.open()
        let streams = (0..<12).map { "settled-\($0)" }
        var commands = RedisCommands()
        for stream in streams {
            commands.add("XGROUP", ["CREATE", stream, "g", "0", "MKSTREAM"], for: .key(stream))
            for number in 0..<3 { commands.add("XADD", [stream, "*", "n", "\(number)"], for: .key(stream)) }
        }
        #expect(try await connection.send(commands).allSatisfy { $0.error == nil })
        var read = RedisCommands()
        read.add(
            "XREADGROUP", ["GROUP", "g", "me", "COUNT", "10", "STREAMS"] + streams + streams.map { _ in ">" },
            for: .keys(streams))
        let found = try #require(try await connection.send(read)[0])
        #expect(Set(found.elements.compactMap { $0.elements[0]?.string }) == Set(streams))
        var acks = RedisCommands()
        for stream in found.elements {
            let key = stream.elements[0]?.string ?? ""
            let ids = stream.elements[1]?.elements.compactMap { $0.elements[0]?.string } ?? []
            acks.add("XACK", [key, "g"] + ids, for: .key(key))
        }
        #expect(try await connection.send(acks).map(\.integer) == streams.map { _ in 3 })
        await router.close()
    }

    @Test func aScriptIsLoadedByEachNodeThatHasForgottenIt() async throws {
        let cluster = try await RedisCluster.shared()
        let router = try clusterRouter(cluster.url)
        let connection = try await router.open()
        for _ in 0..<2 {
            for node in connection.nodes {
                _ = try await connection.connection(to: node).send(RedisCommands("SCRIPT", "FLUSH", for: .everyPrimary))
            }
            var calls = ScriptCalls()
            for number in 0..<30 {
                calls.begin(Self.script, for: .key("called-\(number)"), keys: 1, arguments: 1)
                calls.add("called-\(number)")
                calls.add(number)
            }
            #expect(try await connection.run(calls).map(\.integer) == Array(0..<30))
        }
        await router.close()
    }

    @Test func everyPrimaryIsScanned() async throws {
        let cluster = try await RedisCluster.shared()
        let router = try clusterRouter(cluster.url)
        let connection = try await router.open()
        var commands = RedisCommands()
        for number in 0..<30 {
            commands.add("XADD", ["scanned-\(number)", "*", "n", "1"], for: .key("scanned-\(number)"))
        }
        _ = try await connection.send(commands)
        var found: Set<String> = []
        for node in connection.nodes {
            let own = try await connection.connection(to: node)
            var cursor = "0"
            repeat {
                let page = try await own.send(
                    RedisCommands("SCAN", cursor, "MATCH", "scanned-*", for: .everyPrimary))[0]
                found.formUnion(page?.elements[1]?.elements.compactMap(\.string) ?? [])
                cursor = page?.elements[0]?.string ?? "0"
            } while cursor != "0"
        }
        #expect(found.count == 30)
        await router.close()
    }

    @Test func aStableMapCostsNoRedirection() async throws {
        let cluster = try await RedisCluster.shared()
        let router = try clusterRouter(cluster.url)
        let connection = try await router.open()
        let load = ClusterLoad((0..<12).map { "stable-\($0)" }, connection)
        let before = try await moved(cluster)
        try await load.run { try await $0.goesOn(200) }
        #expect(try await moved(cluster) == before)
        try await load.audit()
        await router.close()
    }

    /// How many commands the nodes have answered with MOVED or ASK.
    private func moved(_ cluster: RedisCluster) async throws -> Int {
        var count = 0
        for node in cluster.nodes {
            let facts = try await node.server.facts(["INFO", "errorstats"])
            for name in ["errorstat_MOVED", "errorstat_ASK"] {
                count += facts[name].flatMap { Int($0.drop { !$0.isNumber }) } ?? 0
            }
        }
        return count
    }
}

/// What happens to a cluster under load: nothing is lost, doubled or out of order, and nothing is refused.
@Suite(.inRealTime, .serialized) struct DisturbedClusterTests {
    /// Streams of which each primary has four.
    private func streams(_ cluster: RedisCluster) async throws -> [[String]] {
        var all: [[String]] = []
        for node in cluster.nodes.prefix(3) {
            var names: [String] = []
            for _ in 0..<4 { names.append(try await cluster.name("load", on: node, except: Set(names))) }
            all.append(names)
        }
        return all
    }

    /// - Parameter forgetful: The node that may forget what it has acknowledged, by its index.
    private func disturb(
        forgetful: Int? = nil,
        _ body: @escaping @Sendable (RedisCluster, [[String]], ClusterLoad) async throws -> Void
    ) async throws -> ClusterLoad {
        try await RedisCluster.with { cluster in
            let router = try clusterRouter(cluster.url) { $0.commandTimeout = .seconds(10) }
            let streams = try await streams(cluster)
            let load = ClusterLoad(streams.flatMap { $0 }, try await router.open())
            try await load.run { load in
                try await load.goesOn()
                try await body(cluster, streams, load)
                try await load.goesOn()
            }
            let forgotten = try await load.audit(forgetful: forgetful.map { streams[$0] } ?? [])
            if forgetful != nil { print("forgotten by the server: \(forgotten)") }
            await router.close()
            return load
        }
    }

    @Test func slotsThatMoveUnderLoad() async throws {
        let load = try await disturb { cluster, streams, load in
            for _ in 0..<2 {
                for (index, names) in streams.enumerated() {
                    for name in names {
                        let slot = RedisSlot(of: name).number
                        try await cluster.move(slot: slot, to: cluster.nodes[(index + 1) % 3])
                        try await cluster.move(slot: slot, to: cluster.nodes[index])
                    }
                }
            }
        }
        print("48 slot moves: \(load.count) numbers, p99 \(load.percentile(0.99)), longest \(load.percentile(1))")
        #expect(load.report.refusals == [])
        #expect(load.report.unknown.isEmpty)
    }

    @Test func aMoveThatIsToldInTheWrongOrder() async throws {
        let load = try await disturb { cluster, streams, load in
            for name in streams[0] {
                let move = try await cluster.move(of: RedisSlot(of: name).number, to: cluster.nodes[1])
                try await move.markImporting()
                try await move.markMigrating()
                try await move.migrateAll()
                // The source first: until the target knows, each sends clients to the other.
                try await move.assign(at: cluster.nodes[2])
                try await move.assign(at: move.source)
                try await load.goesOn(20, of: streams[1])
                try await move.assign(at: move.target)
            }
        }
        print("told in the wrong order: longest \(load.percentile(1))")
        #expect(load.report.refusals == [])
        #expect(load.report.unknown.isEmpty)
    }

    @Test func anAgreedFailover() async throws {
        let load = try await disturb { cluster, streams, load in
            // A third one soon after would wait for the votes: the others vote once in two timeouts.
            for _ in 0..<2 {
                let primary = try await cluster.owner(of: streams[0][0])
                let replica = try #require(await cluster.replicas(of: primary).first)
                _ = load.takeLongest(of: load.streams)
                try await cluster.failover(to: replica)
                try await load.goesOn()
                print("agreed failover: longest publish \(load.takeLongest(of: load.streams))")
                try await cluster.waitUntilWell()
            }
        }
        #expect(load.report.refusals == [])
    }

    @Test func aPrimaryThatIsKilled() async throws {
        let load = try await disturb(forgetful: 0) { cluster, streams, load in
            let primary = try await cluster.owner(of: streams[0][0])
            let replica = try #require(await cluster.replicas(of: primary).first)
            _ = load.takeLongest(of: load.streams)
            await primary.server.kill()
            try await eventually("a replica that took over") {
                guard await replica.ownLine()?.isPrimary == true else { return false }
                return try await replica.info()["cluster_state"] == "ok"
            }
            let start = ContinuousClock.now
            try await load.goesOn(8, of: streams[0])
            print("killed: goes on \(ContinuousClock.now - start) after the slots are served again")
            print(
                "killed: longest publish \(load.takeLongest(of: streams[0])), elsewhere \(load.takeLongest(of: streams[1] + streams[2]))"
            )
        }
        print("killed: \(load.report.unknown.values.reduce(0) { $0 + $1.count }) unknown")
        #expect(load.report.refusals == [])
    }

    @Test func aNodeThatIsStoppedWhileOthersGoOn() async throws {
        _ = try await disturb { cluster, streams, load in
            let node = try await cluster.owner(of: streams[0][0])
            _ = load.takeLongest(of: load.streams)
            try node.server.freeze()
            try await load.goesOn(200, of: streams[1] + streams[2])
            let others = load.takeLongest(of: streams[1] + streams[2])
            try node.server.thaw()
            print("stopped: longest publish elsewhere \(others)")
            #expect(others < .seconds(1))
        }
    }

    @Test func aReplicaThatTakesOverInTheMiddleOfAMove() async throws {
        // Nobody agreed to it, so what its primary has acknowledged last may be missing.
        let load = try await disturb(forgetful: 1) { cluster, streams, load in
            let move = try await cluster.move(of: RedisSlot(of: streams[0][0]).number, to: cluster.nodes[1])
            try await move.markImporting()
            try await move.markMigrating()
            let replica = try #require(await cluster.replicas(of: move.target).first)
            try await cluster.failover(to: replica, .takeover)
            try await load.goesOn(20, of: streams[0] + streams[2])
            try await move.source.server.demand(["CLUSTER", "SETSLOT", "\(move.slot)", "STABLE"])
            try await cluster.waitUntilWell()
        }
        #expect(load.report.refusals == [])
    }
}
