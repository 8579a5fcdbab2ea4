// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire

/// Who has what, and who follows whom.
extension RedisCluster {
    /// Returns the node that has a slot now, as it says itself.
    package func owner(of slot: Int) async throws -> ClusterNode {
        try await eventually("a node with slot \(slot)") {
            var best: (node: ClusterNode, epoch: Int)?
            for node in self.nodes {
                guard let line = await node.ownLine(), line.isPrimary else { continue }
                guard line.slots.contains(where: { $0.contains(slot) }) else { continue }
                if line.epoch >= best?.epoch ?? 0 { best = (node, line.epoch) }
            }
            return best?.node
        }
    }

    /// Returns the node that has the slot of a key now.
    package func owner(of key: String) async throws -> ClusterNode {
        try await owner(of: RedisSlot(of: key).number)
    }

    /// Returns the nodes that say of themselves that they are primaries.
    package func primaries() async -> [ClusterNode] {
        var primaries: [ClusterNode] = []
        for node in nodes where await node.ownLine()?.isPrimary == true { primaries.append(node) }
        return primaries
    }

    /// Returns the nodes that say of themselves that they follow a primary.
    package func replicas(of primary: ClusterNode) async -> [ClusterNode] {
        var replicas: [ClusterNode] = []
        for node in nodes where await node.ownLine()?.primary == primary.id { replicas.append(node) }
        return replicas
    }

    /// Returns a text whose slot a node has: the first of `name-0`, `name-1` and so on, without those given.
    package func name(_ name: String, on node: ClusterNode, except taken: Set<String> = []) async throws -> String {
        let slots = await node.ownLine()?.slots ?? []
        for number in 0..<100_000 {
            let slot = RedisSlot(of: "\(name)-\(number)").number
            if slots.contains(where: { $0.contains(slot) }), !taken.contains("\(name)-\(number)") {
                return "\(name)-\(number)"
            }
        }
        throw RigFailure("the node \(node.id) has no slot")
    }

    /// How a replica takes over.
    package enum Failover: String, Sendable {
        /// The primary agrees, and nothing is lost.
        case agreed = ""
        /// The primary is not asked, the other primaries are.
        case force = "FORCE"
        /// Nobody is asked.
        case takeover = "TAKEOVER"
    }

    /// Lets a replica take over and waits until it says that it has.
    package func failover(to replica: ClusterNode, _ kind: Failover = .agreed) async throws {
        try await replica.server.demand(["CLUSTER", "FAILOVER"] + (kind == .agreed ? [] : [kind.rawValue]))
        try await eventually("a replica that took over") { await replica.ownLine()?.isPrimary == true }
    }
}
