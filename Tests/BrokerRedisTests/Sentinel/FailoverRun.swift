// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Foundation
import RedisTestSupport
import Synchronization
import Testing

/// A failover under a running program, and what it cost. `SENTINEL_RUNS=20` repeats each kind, and prints the numbers.
struct FailoverRun {
    /// What happens to the primary.
    enum Kind: String, Sendable, CaseIterable {
        case killed = "kill -9"
        case frozen = "SIGSTOP"
        case planned = "SENTINEL FAILOVER"
    }

    /// What was measured, in milliseconds.
    struct Costs: Sendable {
        /// From the moment when the replica was writable to the first publish and the first handled message.
        var published = 0, handled = 0
        /// From the first announcement to the last publish that the old primary took.
        var exposed: Int?
        /// What the servers themselves forgot, after they had said that it is stored.
        var forgotten = 0
        /// What is stored and was never handled.
        var lost = 0
        /// Publishes that failed, and of these how many whose effect is unknown.
        var failed = 0, unknown = 0
        var doubled = 0
        var messages = 0
    }

    let set: SentinelSet
    let program: FailoverProgram
    /// Whether publishes wait for a replica. Without one nothing is confirmed until the former primary follows.
    var isReplicated = false

    static var repetitions: Int { ProcessInfo.processInfo.environment["SENTINEL_RUNS"].flatMap { Int($0) } ?? 1 }

    func run(_ kind: Kind) async throws -> Costs {
        let old = try await set.primary()
        try await eventually("a program that works") { program.fates.values.contains { !$0.handled.isEmpty } }
        let news = Announcement()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for sentinel in set.sentinels { group.addTask { await news.listen(to: sentinel) } }
            try await news.wait(for: set.sentinels.count)
            let writable = try await begin(kind, old)
            var times: (stored: FailoverProgram.Moment, handled: FailoverProgram.Moment)?
            if !(isReplicated && kind == .killed) { times = try await program.goesOn(after: writable) }
            try await Task.sleep(for: .milliseconds(kind == .planned ? 2500 : 1000))
            var costs = try await self.costs(old, announced: news.first)
            if let times {
                costs.published = Self.milliseconds(writable.duration(to: times.stored))
                costs.handled = Self.milliseconds(writable.duration(to: times.handled))
            }
            group.cancelAll()
            return costs
        }
    }

    /// Disturbs the primary; returns when another server takes writes.
    private func begin(_ kind: Kind, _ old: RedisServer) async throws -> FailoverProgram.Moment {
        switch kind {
        case .killed: await old.kill()
        case .frozen: try old.freeze()
        case .planned: try await set.failover()
        }
        let others = set.servers.filter { $0.port != old.port }
        while true {
            for server in others where await server.role() == "master" { return .now }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func costs(_ old: RedisServer, announced: FailoverProgram.Moment?) async throws -> Costs {
        try await program.endPublishing()
        let primary = try await set.waitForPrimary(otherThan: old)
        let entries = try await primary.demand(["XRANGE", "work", "-", "+"]).elements
        let stored = Set(entries.compactMap { $0.elements.last?.elements.last?.string.flatMap { Int($0) } })
        _ = try? await eventually("every stored message is handled", within: .seconds(20)) {
            let fates = program.fates
            return stored.allSatisfy { fates[$0]?.handled.isEmpty == false }
        }
        let fates = program.fates
        var costs = Costs(messages: fates.count)
        let forgotten = fates.filter { $0.value.stored != nil && !stored.contains($0.key) }
        costs.forgotten = forgotten.count
        costs.lost = stored.count { fates[$0]?.handled.isEmpty ?? false }
        costs.failed = fates.values.count { $0.failure != nil }
        costs.unknown = fates.values.count { $0.failure?.effect == .unknown }
        costs.doubled = fates.values.count { $0.handled.count > 1 }
        if let announced, let last = forgotten.values.compactMap(\.stored).max() {
            costs.exposed = Self.milliseconds(announced.duration(to: last))
        }
        return costs
    }

    private static func milliseconds(_ duration: Duration) -> Int { Int((duration / .milliseconds(1)).rounded()) }
}

/// When the first Sentinel announces a new primary.
private final class Announcement: Sendable {
    private let state = Mutex<(listeners: Int, first: FailoverProgram.Moment?)>((0, nil))

    var first: FailoverProgram.Moment? { state.withLock { $0.first } }

    func listen(to sentinel: SentinelNode) async {
        try? await sentinel.server.withPlainConnection(within: .seconds(120)) { connection in
            try await connection.command("SUBSCRIBE", "+switch-master")
            state.withLock { $0.listeners += 1 }
            _ = try await connection.next()
            state.withLock { $0.first = $0.first ?? .now }
        }
    }

    func wait(for listeners: Int) async throws {
        try await eventually("listeners") { self.state.withLock { $0.listeners } == listeners }
    }
}
