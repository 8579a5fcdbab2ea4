// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// The facts of a server: its reply to INFO. A fact that it does not tell is `nil`.
struct ServerFacts: Sendable, Hashable {
    private let values: [Substring: Substring]

    /// Reads `name:value` lines; every other line is skipped.
    init(_ text: String) {
        let pairs = text.split(whereSeparator: \.isNewline).compactMap { line -> (Substring, Substring)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon], line[line.index(after: colon)...])
        }
        values = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// Reads the reply to INFO; there are no facts if the server refuses it.
    init(_ reply: RedisReply?) {
        self.init(reply?.error == nil ? reply?.string ?? "" : "")
    }

    /// Whether nothing is known.
    var isEmpty: Bool { values.isEmpty }

    /// One value as text.
    subscript(name: Substring) -> String? { values[name].map(String.init) }

    /// One value as a number.
    func number(_ name: Substring) -> Int? { values[name].flatMap { Int($0) } }

    /// The version of Redis with the commands of the server.
    var version: ServerVersion? { self["redis_version"].flatMap { ServerVersion($0) } }

    /// The name and version of the server: `7.0.15`, or `valkey 8.0.1`.
    var name: String? {
        self["valkey_version"].map { "valkey \($0)" } ?? self["redis_version"]
    }

    /// Whether it is Valkey, which tells the version of Redis whose commands it has.
    var isValkey: Bool { self["valkey_version"] != nil }

    /// The name and version of the server for a person: `Redis 7.0.15`, or `Valkey 8.0.1`.
    var title: String? {
        self["valkey_version"].map { "Valkey \($0)" } ?? self["redis_version"].map { "Redis \($0)" }
    }

    /// What the server does when its memory is full.
    var evictionPolicy: String? { self["maxmemory_policy"] }

    /// Whether it is a replica, which takes no writes.
    var isReplica: Bool? { self["role"].map { $0 == "slave" } }

    /// How many replicas are connected to it.
    var replicas: Int? { number("connected_slaves") }

    /// Whether it has an append-only file.
    var hasLog: Bool? { number("aof_enabled").map { $0 == 1 } }

    /// Whether it is a node of a cluster.
    var isCluster: Bool? { number("cluster_enabled").map { $0 == 1 } }
}

/// A version: 6.2, 7.2.7. What stands behind its third part does not matter.
struct ServerVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int
    let patch: Int

    init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".").prefix(3).map { Int($0.prefix { $0.isNumber }) }
        guard parts.count >= 2, let major = parts[0], let minor = parts[1] else { return nil }
        self.init(major, minor, parts.count == 3 ? parts[2] ?? 0 : 0)
    }

    static func < (left: ServerVersion, right: ServerVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    var description: String { "\(major).\(minor)" }
}

extension RedisReply {
    /// The facts in a reply of XINFO, by name: names and values alternate.
    var facts: [String: RedisReply] {
        var facts: [String: RedisReply] = [:]
        var values = elements.makeIterator()
        while let name = values.next()?.string, let value = values.next() { facts[name] = value }
        return facts
    }

    /// Whether there is no such stream or group.
    var isAbsence: Bool {
        guard let error else { return false }
        return error.text.hasPrefix("ERR no such key") || error.reaction == .ensureGroup
    }
}

/// Checks the health of a server within the command timeout.
struct HealthProbe {
    private let router: RedisRouter
    private let options: RedisOptions
    private let clock: any BrokerClock

    init(_ router: RedisRouter, _ options: RedisOptions, _ clock: any BrokerClock) {
        self.router = router
        self.options = options
        self.clock = clock
    }

    /// Returns that the server replies, and its facts.
    ///
    /// - Throws: why there was no reply in time.
    func report() async throws(RedisError) -> ProviderHealth {
        let deadline = clock.now + options.commandTimeout
        let connection = try await router.connection(for: RedisRoutes(.anyNode), within: options.commandTimeout)
        var commands = RedisCommands("PING", for: .anyNode)
        commands.begin(1, "INFO", for: .anyNode)
        let start = clock.now
        let replies = try await connection.submit(commands, timeout: max(deadline - start, .milliseconds(1))).replies()
        let time = clock.now - start
        // A user may lack the right to PING; that reply proves that the server works, too.
        if let error = replies[0]?.error, error.reaction != .alarm { throw RedisError(error) }
        return ProviderHealth(isReady: true, details: details(ServerFacts(replies[1]), pingTime: time))
    }

    private func details(_ facts: ServerFacts, pingTime: Duration) -> [String: String] {
        let milliseconds = pingTime.nanosecondsSaturating / 10_000
        let details: [String: String?] = [
            "ping-time": "\(milliseconds / 100).\(milliseconds % 100 / 10)\(milliseconds % 10)",
            "server-version": facts.name, "used-memory": facts["used_memory"], "clients": facts["connected_clients"],
            "subscribed-channels": facts["pubsub_channels"],
        ]
        return details.compactMapValues { $0 }
    }
}
