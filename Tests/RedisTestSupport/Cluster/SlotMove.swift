// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The classic way of a slot from one node to another, step by step.
package struct SlotMove: Sendable {
    let cluster: RedisCluster
    /// The slot.
    package let slot: Int
    /// The node that has it.
    package let source: ClusterNode
    /// The node that shall have it.
    package let target: ClusterNode

    /// Lets the target accept what is sent with ASKING.
    package func markImporting() async throws {
        try await target.server.demand(["CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", source.id])
    }

    /// Lets the source send clients to the target for keys that it has not.
    package func markMigrating() async throws {
        try await source.server.demand(["CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", target.id])
    }

    /// Returns the keys that the source still has.
    package func keys() async throws -> [String] { try await source.keys(in: slot) }

    /// Moves one key.
    package func migrate(_ key: String) async throws {
        let password = cluster.settings.password.map { ["AUTH", $0] } ?? []
        try await source.server.demand(
            ["MIGRATE", "127.0.0.1", "\(target.port)", "", "0", "10000"] + password + ["KEYS", key])
    }

    /// Moves the keys one by one until there are none.
    package func migrateAll() async throws {
        while true {
            let keys = try await keys()
            if keys.isEmpty { return }
            for key in keys { try await migrate(key) }
        }
    }

    /// Tells a node that the slot is the target's.
    package func assign(at node: ClusterNode) async throws {
        try await node.server.demand(["CLUSTER", "SETSLOT", "\(slot)", "NODE", target.id])
    }

    /// Tells it to all in the right order: the target, the source, the others.
    package func assign() async throws {
        try await assign(at: target)
        try await assign(at: source)
        // A replica learns it from its primary.
        for node in await cluster.primaries() where node != target && node != source { try await assign(at: node) }
    }

    /// Takes back the marks; each key stays where it is.
    package func stabilise() async throws {
        for node in [source, target] { try await node.server.demand(["CLUSTER", "SETSLOT", "\(slot)", "STABLE"]) }
    }
}

/// Moves of slots.
extension RedisCluster {
    /// Returns the move of a slot from the node that has it, with no step taken.
    package func move(of slot: Int, to target: ClusterNode) async throws -> SlotMove {
        SlotMove(cluster: self, slot: slot, source: try await owner(of: slot), target: target)
    }

    /// Moves a slot in the classic way.
    package func move(slot: Int, to target: ClusterNode) async throws {
        let move = try await move(of: slot, to: target)
        if move.source == target { return }
        try await move.markImporting()
        try await move.markMigrating()
        try await move.migrateAll()
        try await move.assign()
    }

    /// Moves slots at once, as Redis from 8.4 and Valkey from 9 can, and waits until the target has them.
    ///
    /// - Returns: Whether the server can.
    package func moveAtomically(slots: ClosedRange<Int>, to target: ClusterNode) async throws -> Bool {
        let source = try await owner(of: slots.lowerBound)
        let ends = ["\(slots.lowerBound)", "\(slots.upperBound)"]
        let ways: [(ClusterNode, [String])] = [
            (target, ["CLUSTER", "MIGRATION", "IMPORT"] + ends),
            (source, ["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE"] + ends + ["NODE", target.id]),
        ]
        for (node, words) in ways {
            do { try await node.server.demand(words) } catch let failure as RigFailure {
                guard failure.description.contains("unknown subcommand") else { throw failure }
                continue
            }
            try await eventually("slots that moved") {
                await target.ownLine()?.slots.contains { $0.contains(slots.upperBound) } == true
            }
            return true
        }
        return false
    }
}
