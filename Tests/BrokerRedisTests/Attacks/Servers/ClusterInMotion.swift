// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// A cluster whose nodes die, stand still, take over, and give their slots away, while workers in processes of their
    /// own consume and somebody publishes.
    @Suite struct ClusterInMotion {
        /// One primary is killed; its replica takes over when the others have noticed.
        @Test func aPrimaryThatIsKilledIsFollowedByItsReplica() async throws {
            try await underLoad("killed primary") { scene in
                let primary = try await scene.cluster.owner(of: "work")
                await primary.server.kill()
                try await scene.waitForAnotherOwner(than: primary)
                try await scene.handleMore(100)
                try await primary.server.start()
                try await scene.handleMore(100)
            }
        }

        @Test func aPrimaryThatStandsStillIsFollowedByItsReplica() async throws {
            try await underLoad("frozen primary") { scene in
                let primary = try await scene.cluster.owner(of: "work")
                try primary.server.freeze()
                try await scene.waitForAnotherOwner(than: primary)
                try await scene.handleMore(100)
                try primary.server.thaw()
                try await scene.handleMore(100)
            }
        }

        /// The primary agrees: nothing is lost. If the agreement comes to nothing, the server is silent for five seconds,
        /// which may be as long as the publish waits for it.
        @Test func aPlannedFailoverCostsNothing() async throws {
            try await underLoad("planned failovers") { scene in
                for _ in 0..<3 {
                    let primary = try await scene.cluster.owner(of: "work")
                    try await scene.cluster.waitUntilWell()
                    let replica = try #require(await scene.cluster.replicas(of: primary).first)
                    try await scene.cluster.failover(to: replica)
                    try await scene.handleMore(100)
                }
                #expect(scene.publisher.refused.isEmpty)
                scene.mayForget = false
            }
        }

        /// Every slot of the streams goes round the cluster, key by key.
        @Test func slotsThatMoveTakeTheirStreamsAlong() async throws {
            try await underLoad("moving slots", streams: ["work", "side.a", "side.b", "side.c"]) { scene in
                for round in 0..<3 {
                    for stream in scene.streams {
                        let slot = RedisSlot(of: stream.text).number
                        let nodes = await scene.cluster.primaries().sorted { $0.port < $1.port }
                        let owner = try await scene.cluster.owner(of: slot)
                        let place = try #require(nodes.firstIndex(of: owner))
                        try await scene.cluster.move(slot: slot, to: nodes[(place + 1 + round % 2) % nodes.count])
                    }
                    try await scene.handleMore(100)
                }
                #expect(scene.publisher.refused.isEmpty && scene.publisher.unknown.isEmpty)
                scene.mayForget = false
            }
        }

        private func underLoad(
            _ name: String, streams: [StreamName] = ["work"], _ attack: (ClusterScene) async throws -> Void
        ) async throws {
            try await RedisCluster.with { cluster in
                let publisher = try SteadyPublisher(cluster.url)
                var settings = WorkerSettings(cluster.url)
                (settings.isWide, settings.attempts) = (streams.count > 1, 20)
                try await Supervisor.with(2, settings) { crew in
                    let scene = ClusterScene(cluster: cluster, crew: crew, publisher: publisher, streams: streams)
                    async let publishing: Void = publisher.run(streams, handledIn: 5, every: .milliseconds(5))
                    do {
                        defer { publisher.end() }
                        try await scene.handleMore(50)
                        try await attack(scene)
                    }
                    try await publishing
                    try await scene.expectWhole(name)
                }
            }
        }
    }
}

/// What an attack on a cluster works with.
final class ClusterScene {
    let cluster: RedisCluster
    let crew: Supervisor
    let publisher: SteadyPublisher
    let streams: [StreamName]
    /// Whether the servers may lose what they have acknowledged, since they replicate later.
    var mayForget = true

    init(cluster: RedisCluster, crew: Supervisor, publisher: SteadyPublisher, streams: [StreamName]) {
        self.cluster = cluster
        self.crew = crew
        self.publisher = publisher
        self.streams = streams
    }

    /// Waits until this many more messages were handled.
    func handleMore(_ count: Int) async throws {
        let before = crew.lines.handled.count
        try await crew.wait(for: "\(count) more messages") { $0.handled.count >= before + count }
    }

    /// Waits until another node has the slot of the first stream.
    func waitForAnotherOwner(than node: ClusterNode) async throws {
        let slot = RedisSlot(of: streams[0].text).number
        try await eventually("another owner") {
            guard let other = await self.cluster.primaries().first(where: { $0 != node }) else { return false }
            let view = try await other.view()
            return view.contains { line in
                line.isPrimary && line.id != node.id && line.slots.contains { $0.contains(slot) }
            }
        }
    }

    /// Everything that was stored, and that the servers still know, was handled and is settled; nothing was handled that
    /// nobody published, and nothing ran twice at once.
    func expectWhole(_ name: String) async throws {
        let stored = publisher.stored
        let kept = try await keptIDs()
        let forgotten = stored.filter { !kept.contains($0.value) }
        try await crew.wait(for: "every message") { lines in
            let handled = lines.handled
            return stored.keys.allSatisfy { handled.contains($0) || forgotten[$0] != nil }
        }
        try await eventually("nothing pending") {
            for stream in self.streams {
                let owner = try await self.cluster.owner(of: stream.text)
                if try await owner.server.pendingCount(stream.text, "crew") != 0 { return false }
            }
            return true
        }
        let again = crew.lines.begins.values.reduce(0) { $0 + $1 - 1 }
        print(
            "\(name): stored \(stored.count), refused \(publisher.refused.count), unknown \(publisher.unknown.count), "
                + "forgotten \(forgotten.count), again \(again), longest publish \(publisher.longest)")
        let errors = Array(publisher.refused.values) + publisher.unknown.values
        for message in Set(errors.map(\.message)) { print("  \(message)") }
        if !mayForget { #expect(forgotten.isEmpty) }
        let known = Set(stored.keys).union(publisher.unknown.keys)
        #expect(crew.lines.handled.isSubset(of: known), "only what was published")
        #expect(crew.deaths == 0)
    }

    /// The ids that the streams hold.
    private func keptIDs() async throws -> Set<MessageID> {
        var ids: Set<MessageID> = []
        for stream in streams {
            let owner = try await cluster.owner(of: stream.text)
            let entries = try await owner.server.command("XRANGE", stream.text, "-", "+").elements
            ids.formUnion(entries.compactMap { $0.elements[0]?.string.flatMap { MessageID($0) } })
        }
        return ids
    }
}
