// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A cluster of this machine, on free ports, which ends with the test, and with the test program whatever becomes of
/// that. It needs about three seconds to form: share ``shared()`` where nothing is broken.
package final class RedisCluster: Sendable {
    /// How a cluster is started.
    package struct Settings: Sendable {
        /// How many nodes have slots.
        package var primaries = 3
        /// How many nodes follow them; each primary in turn gets one more.
        package var replicas = 3
        /// How long a node may be silent, in milliseconds, before the others call it failed.
        package var nodeTimeout = 2000
        /// The password of the default user; `nil` for none.
        package var password: String?
        /// More arguments for each node, by its port and its folder, into which they may put files.
        package var arguments: @Sendable (_ port: Int, _ folder: String) async throws -> [String] = { port, _ in
            ["--port", "\(port)"]
        }

        package init() {}
    }

    /// How it was started.
    package let settings: Settings
    private let state = Mutex<[ClusterNode]>([])
    private let forgotten = Mutex<[ClusterNode]>([])

    init(_ settings: Settings) {
        self.settings = settings
    }

    /// Runs `body` with a cluster of its own.
    package static func with<Result>(
        _ settings: Settings = Settings(), _ body: (RedisCluster) async throws -> Result
    ) async throws -> Result {
        let cluster = RedisCluster(settings)
        do {
            try await cluster.form()
            let result = try await body(cluster)
            await cluster.discard()
            return result
        } catch {
            await cluster.discard()
            throw error
        }
    }

    /// Returns the cluster of three primaries and three replicas that all tests of this program share; nobody may kill,
    /// freeze or fail over its nodes.
    package static func shared() async throws -> RedisCluster { try await sharedOne.value() }

    private static let sharedOne = SharedStart {
        let cluster = RedisCluster(Settings())
        try await cluster.form()
        return cluster
    }

    /// The nodes that belong to it, dead ones too: first those that began as primaries, in the order of their slots.
    package var nodes: [ClusterNode] { state.withLock { $0 } }

    func add(_ node: ClusterNode) { state.withLock { $0.append(node) } }

    func remove(_ node: ClusterNode) {
        state.withLock { $0.removeAll { $0 == node } }
        forgotten.withLock { $0.append(node) }
    }

    /// The URL with the first three nodes as seeds.
    package var url: String { url(of: Array(nodes.prefix(3))) }

    /// Returns the URL with certain nodes as seeds.
    package func url(of seeds: [ClusterNode]) -> String {
        let hosts = seeds.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        return "redis+cluster://\(settings.password.map { ":\($0)@" } ?? "")\(hosts)"
    }

    /// Ends all nodes and removes their folders.
    package func discard() async {
        for node in nodes + forgotten.withLock({ $0 }) { await node.server.discard() }
    }
}

/// What is started once, by whoever needs it first.
final class SharedStart<Value: Sendable>: Sendable {
    private let start: @Sendable () async throws -> Value
    private let task = Mutex<Task<Value, any Error>?>(nil)

    init(_ start: @escaping @Sendable () async throws -> Value) {
        self.start = start
    }

    func value() async throws -> Value {
        let task = task.withLock { task in
            let started = task ?? Task { [start] in try await start() }
            task = started
            return started
        }
        return try await task.value
    }
}
