// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Who is the primary, and how that changes.
extension SentinelSet {
    /// Returns the server that says of itself that it is the primary and that most Sentinels name.
    package func primary() async throws -> RedisServer {
        try await eventually("a primary that most Sentinels name") {
            let named = await self.named()
            for server in self.servers {
                guard named.count(where: { $0 == server.port }) > self.sentinels.count / 2 else { continue }
                if await server.role() == "master" { return server }
            }
            return nil
        }
    }

    /// Returns the port that each Sentinel names; `nil` for one that names none.
    package func named() async -> [Int?] {
        var ports: [Int?] = []
        for sentinel in sentinels { ports.append(await sentinel.named()) }
        return ports
    }

    /// Returns the servers that say of themselves that they are replicas.
    package func replicas() async -> [RedisServer] {
        var replicas: [RedisServer] = []
        for server in servers where await server.role() == "slave" { replicas.append(server) }
        return replicas
    }

    /// Lets a Sentinel fail over at once, and returns without waiting for it.
    ///
    /// - Parameter isCoordinated: Whether the primary stops writing before, as Valkey from 9 can.
    package func failover(by sentinel: Int = 0, isCoordinated: Bool = false) async throws {
        let words = ["SENTINEL", "FAILOVER", Self.name] + (isCoordinated ? ["COORDINATED"] : [])
        try await sentinels[sentinel].server.demand(words)
    }

    /// Waits until a server of the data, other than those given, is the primary and each Sentinel that runs names it.
    package func waitForPrimary(otherThan old: RedisServer) async throws -> RedisServer {
        try await eventually("a new primary that all Sentinels name") {
            let running = self.sentinels.filter(\.server.isRunning)
            var named: Set<Int?> = []
            for sentinel in running { named.insert(await sentinel.named()) }
            guard named.count == 1, named != [old.port] else { return nil }
            for server in self.servers where named == [server.port] {
                if await server.role() == "master" { return server }
            }
            return nil
        }
    }

    /// Waits until all Sentinels that run know each other, the primary and its replicas, and all other servers that
    /// run follow it; who was the primary before is told so about ten seconds after a failover.
    package func waitUntilWell(within limit: Duration = .seconds(60)) async throws {
        // A server that changes its role closes the connections of whoever asks.
        try await eventually("Sentinels that agree", within: limit) { (try? await self.isWell()) ?? false }
    }

    private func isWell() async throws -> Bool {
        for sentinel in sentinels where sentinel.server.isRunning {
            let facts = try await sentinel.primary()
            guard facts["flags"]?.string == "master",
                facts["num-other-sentinels"]?.integer == sentinels.count - 1,
                facts["num-slaves"]?.integer == servers.count - 1
            else { return false }
        }
        let named = await Set(named().compactMap { $0 })
        for server in servers.filter(\.isRunning) where named != [server.port] {
            let facts = try await server.facts(["INFO", "replication"])
            guard facts["master_port"].flatMap({ Int($0) }) == named.first, named.count == 1,
                facts["master_link_status"] == "up"
            else { return false }
        }
        return true
    }
}

extension RedisServer {
    /// Returns `master` or `slave`, as it says itself; `nil` while it does not answer.
    package func role() async -> String? {
        guard isRunning else { return nil }
        return try? await plain("ROLE", within: .seconds(1)).elements.first?.string
    }
}
