// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire

/// A slot of a cluster that is moved key by key from one node, which has all slots, to another, which has none.
package struct MovingSlot: Sendable {
    /// The node that has the slot.
    package let source: RedisServer
    /// The node that gets the slot.
    package let target: RedisServer
    private let slot: String

    /// Runs `body` with the slot of a key, which is not marked yet.
    package static func with<Result>(
        of key: String, _ body: (MovingSlot) async throws -> Result
    ) async throws -> Result {
        try await RedisServer.withCluster { source in
            try await RedisServer.withNode { target in
                let bus = RedisServer.busPort(of: target.port)
                try await source.command("CLUSTER", "MEET", "127.0.0.1", "\(target.port)", "\(bus)")
                try await eventually("two nodes that know each other") {
                    let known = (try await nodes(of: source), try await nodes(of: target))
                    let (first, second) = (try await id(of: source), try await id(of: target))
                    return known.0.contains(second) && known.1.contains(first)
                }
                let slot = "\(RedisSlot(of: key).number)"
                return try await body(MovingSlot(source: source, target: target, slot: slot))
            }
        }
    }

    /// Marks the slot on both nodes: the move begins.
    package func mark() async throws {
        try await setSlot(of: target, "IMPORTING", Self.id(of: source))
        try await setSlot(of: source, "MIGRATING", Self.id(of: target))
    }

    /// Removes the marks: the move is given up.
    package func unmark() async throws {
        for node in [source, target] { try await setSlot(of: node, "STABLE") }
    }

    private func setSlot(of node: RedisServer, _ state: String...) async throws {
        var commands = RedisCommands()
        commands.begin(3 + state.count, "CLUSTER")
        for word in ["SETSLOT", slot] + state { commands.add(word) }
        let reply = try await node.first(of: commands)
        if let error = reply.error { throw RigFailure("CLUSTER SETSLOT \(slot): \(error)") }
    }

    private static func id(of node: RedisServer) async throws -> String {
        try await node.command("CLUSTER", "MYID").string ?? ""
    }

    private static func nodes(of node: RedisServer) async throws -> String {
        try await node.command("CLUSTER", "NODES").string ?? ""
    }
}
