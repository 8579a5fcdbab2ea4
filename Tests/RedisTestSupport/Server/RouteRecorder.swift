// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire
import Synchronization

/// Complains of each command whose keys lie elsewhere than its route says, and of each command that is sent over a
/// connection for other routes.
package final class RouteRecorder: RedisObserver {
    private struct State {
        var seen: Set<String> = []
        var complaints: [String] = []
        /// The routes for which each task has wanted connections.
        var wanted: [Int: Set<RedisRoute>] = [:]
    }

    /// The digests and texts of scripts that a cluster is only asked to run with keys of one slot.
    private let scripts: Set<String>
    private let state = Mutex(State())

    /// - Parameter scripts: The scripts whose first key decides, since they are called with keys of other slots only
    ///   where the server is no cluster.
    package init(firstKeyDecidesIn scripts: [RedisScript] = []) {
        self.scripts = Set(scripts.flatMap { [$0.digest, $0.text] })
    }

    /// The names of the commands that were sent.
    package var seen: Set<String> { state.withLock { $0.seen } }

    /// What was wrong, each thing once.
    package var complaints: [String] { state.withLock { $0.complaints } }

    package func willConnect(for routes: RedisRoutes) {
        guard let task = Self.task else { return }
        let routes = routes.runs.map(\.route)
        state.withLock { $0.wanted[task, default: []].formUnion(routes) }
    }

    package func willSend(_ batch: RedisCommands) {
        let commands = Self.commands(in: batch.wire)
        let runs = batch.routes.runs
        var found = runs.first?.command == 0 && commands.count == batch.count ? [] : ["a batch without a route"]
        for (position, command) in commands.enumerated() {
            guard let run = runs.last(where: { $0.command <= position }) else { continue }
            if let complaint = complaint(of: command, to: run.route) { found.append(complaint) }
        }
        let task = Self.task
        state.withLock { state in
            // Handshakes and subscriptions to channels are sent by event loops, which have a connection.
            if let task {
                let wanted = state.wanted[task] ?? []
                found += runs.map(\.route).filter { !$0.isCovered(by: wanted) }.map { "no connection was for \($0)" }
            }
            state.seen.formUnion(commands.map { $0[0] })
            for complaint in found where !state.complaints.contains(complaint) { state.complaints.append(complaint) }
        }
    }

    private static var task: Int? { withUnsafeCurrentTask { $0?.hashValue } }

    private func complaint(of command: [String], to route: RedisRoute) -> String? {
        guard let keys = CommandKeys(command) else { return "\(command[0]) is unknown to the recorder" }
        var names = keys.names
        if let digest = command.dropFirst().first, scripts.contains(digest) { names = Array(names.prefix(1)) }
        let isRight =
            switch route {
            case .key where names.isEmpty: ["CLIENT", "EVAL"].contains(command[0])
            case .key(let key): Set(names.map { RedisSlot(of: $0) }) == [RedisSlot(of: key)]
            case .keys(let keys): command[0] == "XREADGROUP" && Set(names) == Set(keys)
            case .anyNode: names.isEmpty && command[0] != "SCAN"
            case .everyPrimary: names.isEmpty && ["SCAN", "CLIENT"].contains(command[0])
            }
        return isRight ? nil : "\(command[0]) \(names) goes to \(route)"
    }

    /// The commands of a batch, each with its parts.
    private static func commands(in wire: [UInt8]) -> [[String]] {
        var rest = wire[...]
        func number() -> Int {
            let line = rest.dropFirst().prefix { $0 != 13 }
            rest = rest[(line.endIndex + 2)...]
            return Int(String(decoding: line, as: UTF8.self)) ?? 0
        }
        var commands: [[String]] = []
        while !rest.isEmpty {
            let parts = number()
            commands.append(
                (0..<parts).map { _ in
                    let length = number()
                    defer { rest = rest.dropFirst(length + 2) }
                    return String(decoding: rest.prefix(length), as: UTF8.self)
                })
        }
        return commands
    }
}

extension RedisRoute {
    /// Whether commands with this route may be sent over connections for the other routes.
    fileprivate func isCovered(by wanted: Set<RedisRoute>) -> Bool {
        if wanted.contains(self) || wanted.contains(.everyPrimary) { return true }
        switch self {
        case .anyNode: return !wanted.isEmpty
        case .everyPrimary: return false
        case .key, .keys: return slots.isSubset(of: wanted.reduce(into: []) { $0.formUnion($1.slots) })
        }
    }

    private var slots: Set<RedisSlot> {
        switch self {
        case .key(let key): [RedisSlot(of: key)]
        case .keys(let keys): Set(keys.map { RedisSlot(of: $0) })
        case .anyNode, .everyPrimary: []
        }
    }
}

/// The keys of a command, as the server finds them.
private struct CommandKeys {
    let names: [String]

    init?(_ command: [String]) {
        switch command[0] {
        case "AUTH", "SELECT", "CLIENT", "PING", "INFO", "CONFIG", "TIME", "SCAN", "PSUBSCRIBE", "PUNSUBSCRIBE",
            "SUBSCRIBE", "UNSUBSCRIBE", "PUBLISH":
            names = []
        case "XADD", "XLEN", "XACK", "XDEL", "XPENDING", "XTRIM", "XRANGE", "XREVRANGE", "HGET", "HSET", "SADD", "SREM",
            "SMEMBERS", "SET", "EXISTS", "SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE":
            names = [command[1]]
        case "XINFO", "OBJECT": names = [command[2]]
        case "DEL": names = Array(command.dropFirst())
        case "EVALSHA", "EVAL": names = Array(command.dropFirst(3).prefix(Int(command[2]) ?? 0))
        case "XREAD", "XREADGROUP":
            let streams = command.split(separator: "STREAMS", maxSplits: 1)[1]
            names = Array(streams.prefix(streams.count / 2))
        default: return nil
        }
    }
}
