// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// A stream on a real server, written by our encoder or by somebody else.
struct EntryBench {
    let connection: RedisConnection

    static func with(_ body: (EntryBench) async throws -> Void) async throws {
        try await RedisServer.with(arguments: { _, _ in ["--port", "0"] }) { server in
            try await body(EntryBench(connection: try await server.link(server.socketURL).connection()))
        }
    }

    /// Stores a message as we do; returns the entry as it was read back.
    func stored(_ message: Message) async throws -> StoredMessage {
        var commands = RedisCommands()
        EntryEncoder.append(message, to: "orders", in: &commands)
        let id = try await connection.submit(commands).reply()
        return try await read(try #require(id.string))
    }

    /// Stores fields as anybody can; returns the message that they are read as.
    func foreign(_ fields: [[UInt8]]) async throws -> Message {
        var commands = RedisCommands()
        commands.begin(3 + fields.count, "XADD")
        commands.add("orders")
        commands.add("*")
        for field in fields { commands.add(field) }
        let id = try await connection.submit(commands).reply()
        return try await read(try #require(id.string)).message
    }

    func foreign(_ fields: String...) async throws -> Message {
        try await foreign(fields.map { Array($0.utf8) })
    }

    private func read(_ id: String) async throws -> StoredMessage {
        let reply = try await connection.submit(RedisCommands("XRANGE", "orders", id, id)).reply()
        return try #require(reply.elements[0].flatMap { EntryDecoder.entry($0) })
    }

    func count(_ key: String = "orders") async throws -> Int? {
        try await connection.submit(RedisCommands("XLEN", key)).reply().integer
    }
}

/// Headers as pairs.
func pairs(_ headers: Headers) -> [[String]] {
    headers.map { [$0.name, $0.value.string] }
}
