// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How a cluster comes together, and how nodes come and go.
extension RedisCluster {
    /// Starts the nodes and waits until every one of them says that all is well.
    func form() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<settings.primaries + settings.replicas { group.addTask { try await self.launch() } }
            try await group.waitForAll()
        }
        let nodes = nodes
        let primaries = Array(nodes.prefix(settings.primaries))
        for (number, node) in nodes.enumerated() {
            // Without an epoch of its own each node would have to find one after they met, one by one.
            try await node.server.demand(["CLUSTER", "SET-CONFIG-EPOCH", "\(number + 1)"])
        }
        for (number, node) in primaries.enumerated() {
            let (first, next) = (number * 16_384 / primaries.count, (number + 1) * 16_384 / primaries.count)
            try await node.server.demand(["CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(next - 1)"])
        }
        // All meet all: gossip would take seconds.
        for node in nodes { try await introduce(node, to: nodes.filter { $0 != node }) }
        try await waitUntilAllKnow()
        for (number, node) in nodes.dropFirst(primaries.count).enumerated() {
            try await node.server.demand(["CLUSTER", "REPLICATE", primaries[number % primaries.count].id])
        }
        try await waitUntilWell()
    }

    @discardableResult
    private func launch() async throws -> ClusterNode {
        let settings = settings
        let server = try await RedisServer.launch(credentials: settings.password.map { [$0] } ?? []) { port, folder in
            let password = settings.password.map { ["--requirepass", $0, "--masterauth", $0] } ?? []
            return [
                "--cluster-enabled", "yes", "--cluster-port", "\(try await FreePorts.take(1)[0])",
                "--cluster-node-timeout", "\(settings.nodeTimeout)", "--repl-diskless-sync-delay", "0",
            ] + password + (try await settings.arguments(port, folder))
        }
        do {
            let node = ClusterNode(server: server, id: try await server.demand(["CLUSTER", "MYID"]).string ?? "")
            add(node)
            return node
        } catch {
            await server.discard()
            throw error
        }
    }

    private func introduce(_ node: ClusterNode, to others: [ClusterNode]) async throws {
        for other in others {
            let bus = try await other.server.demand(["CONFIG", "GET", "cluster-port"]).fields["cluster-port"]
            try await node.server.demand(
                ["CLUSTER", "MEET", "127.0.0.1", "\(other.port)", bus?.string ?? ""])
        }
    }

    private func waitUntilAllKnow() async throws {
        try await eventually("nodes that know each other") {
            let running = self.nodes.filter(\.server.isRunning)
            for node in running {
                let healthy = try await node.view().filter(\.isHealthy).map(\.id)
                guard Set(running.map(\.id)).isSubset(of: healthy) else { return false }
            }
            return true
        }
    }

    /// Waits until every node that runs says that all slots are served, sees every other one that runs as it sees
    /// itself, and every replica has its primary's data.
    package func waitUntilWell(within limit: Duration = .seconds(60)) async throws {
        // A node that changes its role closes the connections of whoever asks.
        try await eventually("a cluster in which all is well", within: limit) { (try? await self.isWell()) ?? false }
    }

    private func isWell() async throws -> Bool {
        let running = nodes.filter(\.server.isRunning)
        var roles: [String: Bool] = [:]
        for node in running { roles[node.id] = await node.ownLine()?.isPrimary }
        for node in running where try await !isWell(node, roles) { return false }
        return true
    }

    private func isWell(_ node: ClusterNode, _ roles: [String: Bool]) async throws -> Bool {
        let info = try await node.info()
        guard info["cluster_state"] == "ok", info["cluster_slots_ok"] == "16384" else { return false }
        let seen = try await node.view().filter { roles[$0.id] != nil }
        guard seen.count == roles.count, seen.allSatisfy({ $0.isHealthy && $0.isPrimary == roles[$0.id] }) else {
            return false
        }
        if roles[node.id] == true { return true }
        return try await node.server.facts(["INFO", "replication"])["master_link_status"] == "up"
    }

    /// Starts a node more, without slots, or as a replica, and waits until all know it.
    package func addNode(asReplicaOf primary: ClusterNode? = nil) async throws -> ClusterNode {
        let others = nodes.filter(\.server.isRunning)
        let node = try await launch()
        try await introduce(node, to: others)
        try await waitUntilAllKnow()
        if let primary { try await node.server.demand(["CLUSTER", "REPLICATE", primary.id]) }
        try await waitUntilWell()
        return node
    }

    /// Lets all other nodes forget one that has no slots; it runs on, alone with what it knows.
    package func forget(_ node: ClusterNode) async throws {
        remove(node)
        for other in nodes where other.server.isRunning {
            try await other.server.demand(["CLUSTER", "FORGET", node.id])
        }
    }
}
