// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import RedisWire

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A server that is a cluster.
extension RedisServer {
    /// Runs `body` with a server that is the only node of a cluster and has all slots.
    package static func withCluster<Result>(_ body: (RedisServer) async throws -> Result) async throws -> Result {
        try await withNode { server in
            try await server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            try await eventually("a cluster") {
                try await server.command("CLUSTER", "INFO").string?.contains("cluster_state:ok") == true
            }
            return try await body(server)
        }
    }

    /// Runs `body` with a node that has no slot.
    static func withNode<Result>(_ body: (RedisServer) async throws -> Result) async throws -> Result {
        try await with(
            arguments: { port, _ in
                ["--port", "\(port)", "--cluster-enabled", "yes", "--cluster-port", "\(busPort(of: port))"]
            }, body)
    }

    /// The port of the bus of a node. It is otherwise ten thousand above, which may be beyond the last one.
    static func busPort(of port: Int) -> Int { port - 10_000 }
}

/// What is done to a server from outside.
extension RedisServer {
    /// Sends a command over a connection that knows nothing of the product, by its socket, and returns the reply, an
    /// error too.
    @discardableResult
    package func plain(_ words: String..., within limit: Duration = .seconds(10)) async throws -> PlainReply {
        try await PlainConnection.with(.socket(socket), credentials: credentials, within: limit) {
            try await $0.send([words])[0]
        }
    }

    /// Sends a command in the same way; fails if the reply is an error.
    @discardableResult
    package func demand(_ words: [String]) async throws -> PlainReply {
        let reply = try await PlainConnection.with(.socket(socket), credentials: credentials) {
            try await $0.send([words])[0]
        }
        if let text = reply.errorText { throw RigFailure("\(words.joined(separator: " ")): \(text)") }
        return reply
    }

    /// Runs `body` with such a connection to the port.
    package func withPlainConnection<Result: Sendable>(
        within limit: Duration = .seconds(10), _ body: (PlainConnection) async throws -> Result
    ) async throws -> Result {
        try await PlainConnection.with(.port(port), credentials: credentials, within: limit, body)
    }

    /// Sends a command over a connection of its own and returns the reply, an error too.
    @discardableResult
    package func command(_ name: StaticString, _ arguments: String...) async throws -> RedisReply {
        var commands = RedisCommands()
        commands.begin(arguments.count + 1, name)
        for argument in arguments { commands.add(argument) }
        return try await first(of: commands)
    }

    /// Stores texts in a stream, each in the field `data` of an entry of its own.
    package func publish(_ texts: [String], to stream: String) async throws {
        var commands = RedisCommands()
        for text in texts {
            commands.begin(5, "XADD")
            for part in [stream, "*", "data", text] { commands.add(part) }
        }
        try await first(of: commands)
    }

    /// Stores texts in a stream and leases them to a consumer before anybody else can.
    package func publish(_ texts: [String], to stream: String, leasedBy consumer: String, in group: String) async throws
    {
        let script = """
            for i = 3, #ARGV do redis.call('XADD', KEYS[1], '*', 'data', ARGV[i]) end
            return redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'STREAMS', KEYS[1], '>')
            """
        var commands = RedisCommands()
        commands.begin(6 + texts.count, "EVAL")
        for part in [script, "1", stream, group, consumer] + texts { commands.add(part) }
        try await first(of: commands)
    }

    /// Publishes a text `count` times on a channel, in one write.
    package func broadcast(_ text: String, count: Int, on channel: String) async throws {
        var commands = RedisCommands(capacity: count * (text.utf8.count + 64))
        for _ in 0..<count {
            commands.begin(3, "PUBLISH")
            commands.add(channel)
            commands.add(text)
        }
        try await first(of: commands)
    }

    @discardableResult
    package func first(of commands: RedisCommands) async throws -> RedisReply {
        let link = try link()
        do {
            let replies = try await link.connection().send(commands)
            await link.close()
            guard let reply = replies[0] else { throw RigFailure("the server answered nothing") }
            return reply
        } catch {
            await link.close()
            throw error
        }
    }

    /// Ends the connections of clients that call themselves so, with or without a group behind the name.
    package func killClients(named name: String) async throws {
        for line in try await command("CLIENT", "LIST").string?.split(separator: "\n") ?? [] {
            let words = line.split(separator: " ")
            guard words.contains(where: { $0 == "name=\(name)" || $0.hasPrefix("name=\(name):") }),
                let id = words.first(where: { $0.hasPrefix("id=") })
            else { continue }
            try await command("CLIENT", "KILL", "ID", String(id.dropFirst(3)))
        }
    }

    /// How many entries of a group are pending.
    package func pendingCount(_ stream: String, _ group: String) async throws -> Int {
        try await command("XPENDING", stream, group).elements[0]?.integer ?? 0
    }

    /// Kills the server and starts it again on its port, with its data or with none.
    package func replace(keepingData: Bool = false) async throws {
        if keepingData { try await command("SAVE") }
        await kill()
        if !keepingData { try? FileManager.default.removeItem(atPath: folder + "/dump.rdb") }
        try await start()
    }

    /// Stops the server's process, which keeps its sockets.
    package func freeze() throws { try signal(SIGSTOP) }

    /// Lets the server's process go on.
    package func thaw() throws { try signal(SIGCONT) }
}
