// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// Two servers that answer what a test says. As long as it says nothing else, each has one half of the slots: `b`, `c`
/// and `f` are on the first one, `a` and `d` on the second one.
final class ScriptedCluster: Sendable {
    /// Says what the server at an index answers; `nil` for what a node of a cluster answers.
    typealias Script =
        @Sendable (_ cluster: ScriptedCluster, _ index: Int, _ command: [String]) -> ScriptedServer.Answer?

    private struct State {
        var ports = [1, 1]
        var servers: [ScriptedServer] = []
        var owners = [0, 1]
    }

    private let state = Mutex(State())

    /// Where the servers listen.
    var ports: [Int] { state.withLock { $0.ports } }

    /// Which server has each half of the slots, as both tell.
    func setOwners(_ owners: [Int]) { state.withLock { $0.owners = owners } }

    /// The commands that a server got, without those that introduce a connection and ask for the map.
    func received(_ index: Int) -> [[String]] {
        let all = state.withLock { $0.servers[index] }.received
        return all.filter { !["SELECT", "CLIENT", "PING", "CLUSTER"].contains($0[0]) }
    }

    /// How often both were asked for the map.
    var questions: Int {
        state.withLock { $0.servers }.reduce(0) { $0 + $1.received.count { $0.starts(with: ["CLUSTER", "SLOTS"]) } }
    }

    /// How many connections a server got.
    func connections(_ index: Int) -> Int {
        state.withLock { $0.servers[index] }.received.count { $0[0] == "SELECT" }
    }

    /// MOVED or ASK to a server.
    func refusal(_ word: String, _ slot: Int, to index: Int) -> ScriptedServer.Answer {
        .bytes("-\(word) \(slot) 127.0.0.1:\(ports[index])\r\n")
    }

    static func with<Result>(
        _ script: @escaping Script = { _, _, _ in nil }, _ body: (ScriptedCluster) async throws -> Result
    ) async throws -> Result {
        let cluster = ScriptedCluster()
        return try await ScriptedServer.with {
            cluster.answer(script, 0, $0)
        } _: { first in
            try await ScriptedServer.with {
                cluster.answer(script, 1, $0)
            } _: { second in
                cluster.state.withLock {
                    $0.ports = [first.port, second.port]
                    $0.servers = [first, second]
                }
                return try await body(cluster)
            }
        }
    }

    private func answer(_ script: Script, _ index: Int, _ command: [String]) -> ScriptedServer.Answer? {
        if let answer = script(self, index, command) { return answer }
        if command.starts(with: ["CLUSTER", "SLOTS"]) { return .bytes(slots.wire) }
        if command.starts(with: ["CLUSTER", "INFO"]) { return .bytes(Told.text("cluster_current_epoch:1").wire) }
        return ["DO", "GET"].contains(command[0]) ? .bytes("+\(index) \(command.last ?? "")\r\n") : nil
    }

    private var slots: Told {
        let (ports, owners) = state.withLock { ($0.ports, $0.owners) }
        func node(_ half: Int) -> Told {
            ["127.0.0.1", .number(ports[owners[half]]), .text("node-\(owners[half])")]
        }
        return [[0, 8191, node(0)], [8192, 16_383, node(1)]]
    }

    /// A router that knows the first server.
    func router(_ change: (inout RedisOptions) -> Void = { _ in }) throws -> RedisRouter {
        try clusterRouter("redis+cluster://127.0.0.1:\(ports[0])", change)
    }
}

/// A router for a cluster.
func clusterRouter(_ url: String, _ change: (inout RedisOptions) -> Void = { _ in }) throws -> RedisRouter {
    var options = RedisOptions(url: try RedisURL(url))
    options.connectTimeout = .seconds(10)
    change(&options)
    return try RedisRouter(options, logger: Logger(label: "wire.tests"))
}

extension RedisRouter {
    /// Returns the connection, whatever is sent on it.
    func open() async throws -> RedisConnection {
        try await connection(for: RedisRoutes(.anyNode), retryingFor: .seconds(30))
    }
}
