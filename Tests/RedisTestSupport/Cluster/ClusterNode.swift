// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A node of a cluster.
package struct ClusterNode: Sendable, Hashable {
    /// Its process: kill, start, freeze and thaw it there.
    package let server: RedisServer
    /// Its id, which it keeps when it is started again.
    package let id: String

    /// Where clients reach it.
    package var port: Int { server.port }

    package static func == (one: Self, other: Self) -> Bool { one.id == other.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// Returns what it says of all nodes that it knows.
    package func view() async throws -> [ClusterLine] {
        try await ClusterLine.all(in: server.demand(["CLUSTER", "NODES"]).string ?? "")
    }

    /// Returns what it says of itself; `nil` while it does not answer.
    package func ownLine() async -> ClusterLine? {
        guard server.isRunning, let text = try? await server.plain("CLUSTER", "NODES", within: .seconds(1)).string
        else { return nil }
        return ClusterLine.all(in: text).first { $0.isMyself }
    }

    /// Returns the values of `CLUSTER INFO`.
    package func info() async throws -> [String: String] {
        try await server.facts(["CLUSTER", "INFO"])
    }

    /// Returns a key in each slot of a range that has one.
    package func keys(in slot: Int, limit: Int = 1_000_000) async throws -> [String] {
        try await server.demand(["CLUSTER", "GETKEYSINSLOT", "\(slot)", "\(limit)"]).elements.compactMap(\.string)
    }
}

/// A line of `CLUSTER NODES`: a node as another one sees it.
package struct ClusterLine: Sendable, Equatable {
    /// The id of the node.
    package let id: String
    /// `myself`, `master`, `slave`, `fail?`, `fail`, `handshake`, `noaddr`.
    package let flags: [String]
    /// The id of its primary; `nil` for a primary.
    package let primary: String?
    /// The epoch of its configuration; the greater one is right about a slot.
    package let epoch: Int
    /// Whether it is connected with the node that says this.
    package let isConnected: Bool
    /// Its slots.
    package let slots: [ClosedRange<Int>]

    package var isMyself: Bool { flags.contains("myself") }
    package var isPrimary: Bool { flags.contains("master") }
    package var isHealthy: Bool { isConnected && !flags.contains { ["fail", "fail?", "handshake"].contains($0) } }

    static func all(in text: String) -> [ClusterLine] {
        text.split(separator: "\n").compactMap { ClusterLine($0) }
    }

    private init?(_ line: Substring) {
        let words = line.split(separator: " ").map { String($0) }
        guard words.count >= 8 else { return nil }
        id = words[0]
        flags = words[2].split(separator: ",").map { String($0) }
        primary = words[3] == "-" ? nil : words[3]
        epoch = Int(words[6]) ?? 0
        isConnected = words[7] == "connected"
        // What stands in brackets is on its way.
        slots = words[8...].filter { !$0.hasPrefix("[") }.compactMap { word in
            let ends = word.split(separator: "-").compactMap { Int($0) }
            return ends.first.map { $0...(ends.last ?? $0) }
        }
    }
}

extension RedisServer {
    /// Returns the values of a text with a name and a value on each line, as `INFO` has it.
    package func facts(_ words: [String]) async throws -> [String: String] {
        let lines = try await demand(words).string?.split(whereSeparator: \.isNewline) ?? []
        return lines.reduce(into: [:]) { facts, line in
            guard let colon = line.firstIndex(of: ":") else { return }
            facts[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
    }
}
