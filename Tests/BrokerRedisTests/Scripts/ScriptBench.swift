// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire

/// A group of a stream on a real server, whose scripts are called with what a test says.
struct ScriptBench: Sendable {
    let server: RedisServer
    let connection: RedisConnection
    var epoch = "1"
    /// What is put in front of every script.
    var preamble = ""
    /// Whether the scripts of a group are those of the version before.
    var isFormer = false

    let stream = "orders"
    let group = "billing"
    let floor = "{orders}:billing:floor"
    let due = "{orders}:billing:due"
    /// Where an earlier version keeps the guard.
    let formerGuard = "{orders}:billing:sweep"
    let letters = "{orders}:dead"

    /// Runs `body` with a group that begins at 0, on a server of its own.
    static func with(
        preamble: String = "", isFormer: Bool = false, _ body: (ScriptBench) async throws -> Void
    ) async throws {
        try await RedisServer.with(arguments: { _, _ in ["--port", "0"] }) { server in
            try await with(server, preamble: preamble, isFormer: isFormer, body)
        }
    }

    /// Runs `body` with a group on this server.
    static func with(
        _ server: RedisServer, preamble: String = "", isFormer: Bool = false,
        _ body: (ScriptBench) async throws -> Void
    ) async throws {
        let link = try server.link(server.socketURL)
        var bench = ScriptBench(
            server: server, connection: try await link.connection(), preamble: preamble, isFormer: isFormer)
        bench.epoch = try await bench.makeGroup().elements[1].text
        try await body(bench)
        await link.close()
    }

    /// The same group as seen by a process of the version before or of this one.
    func version(_ isFormer: Bool) -> ScriptBench {
        var other = self
        other.isFormer = isFormer
        return other
    }

    /// The same group as seen by a user with these rights.
    func limited(_ rights: String...) async throws -> ScriptBench {
        try await command("ACL", ["SETUSER", "limited", "reset", "on", ">secret"] + rights)
        let link = try server.link(server.socketURL) { options in
            options.url.username = "limited"
            options.url.password = RedisPassword("secret")
        }
        return ScriptBench(
            server: server, connection: try await link.connection(), epoch: epoch, preamble: preamble)
    }

    @discardableResult
    func command(_ name: StaticString, _ arguments: [String]) async throws -> RedisValue {
        var commands = RedisCommands()
        commands.begin(arguments.count + 1, name)
        for argument in arguments { commands.add(argument) }
        return RedisValue(try await connection.submit(commands).reply())
    }

    @discardableResult
    func command(_ name: StaticString, _ arguments: String...) async throws -> RedisValue {
        try await command(name, arguments)
    }

    @discardableResult
    func run(_ script: RedisScript, keys: [String], _ arguments: [String]) async throws -> RedisValue {
        var calls = ScriptCalls()
        let script = preamble.isEmpty ? script : RedisScript(preamble + script.text)
        calls.begin(script, keys: keys.count, arguments: arguments.count)
        for part in keys + arguments { calls.add(part) }
        return RedisValue(try await connection.run(calls)[0])
    }
}

/// What there is.
extension ScriptBench {
    /// Adds entries; answers their ids.
    @discardableResult
    func publish(_ count: Int, _ fields: [String] = ["data", "x"]) async throws -> [String] {
        var commands = RedisCommands()
        for _ in 0..<count {
            commands.begin(3 + fields.count, "XADD")
            for part in [stream, "*"] + fields { commands.add(part) }
        }
        return try await connection.send(commands).map { RedisValue($0).text }
    }

    /// Reads new entries for a consumer; answers their ids.
    @discardableResult
    func read(_ count: Int, by consumer: String) async throws -> [String] {
        let answer = try await command(
            "XREADGROUP", "GROUP", group, consumer, "COUNT", "\(count)", "STREAMS", stream, ">")
        return answer.elements.first?.elements[1].elements.map { $0.elements[0].text } ?? []
    }

    /// Publishes and reads entries.
    @discardableResult
    func lease(_ count: Int = 1, by consumer: String) async throws -> [String] {
        try await publish(count)
        return try await read(count, by: consumer)
    }

    /// Makes leases as old as `idle` ms, under a token.
    func age(_ ids: [String], of consumer: String, idle: Int, token: Int = 1) async throws {
        for id in ids {
            try await command(
                "XCLAIM", stream, group, consumer, "0", id, "IDLE", "\(idle)", "RETRYCOUNT", "\(token)", "JUSTID")
        }
    }

    /// A line of the pending list.
    struct Line: Hashable {
        var id: String
        var owner: String
        var token: Int
    }

    /// The pending list.
    func pending() async throws -> [Line] {
        try await command("XPENDING", stream, group, "-", "+", "10000").elements.map {
            Line(id: $0.elements[0].text, owner: $0.elements[1].text, token: $0.elements[3].integer)
        }
    }

    /// The sorted set without its placeholder: members and times in turn.
    func waiting() async throws -> [String] {
        let set = try await wholeSet()
        return set.suffix(2) == Self.placeholder ? set.dropLast(2) : set
    }

    /// The sorted set: members and times in turn.
    func wholeSet() async throws -> [String] {
        try await command("ZRANGE", due, "0", "-1", "WITHSCORES").texts
    }

    /// The member that keeps the sorted set, and its time.
    static let placeholder = ["~placeholder", "inf"]

    /// The server's time in ms.
    func time() async throws -> Int {
        let time = try await command("TIME").elements
        return time[0].integer * 1000 + time[1].integer / 1000
    }
}

/// The member of the sorted set that stands for an entry.
func member(_ id: String) -> String {
    let parts = id.split(separator: "-")
    return "\(parts[0])-\(String(repeating: "0", count: 20 - parts[1].count))\(parts[1])"
}
