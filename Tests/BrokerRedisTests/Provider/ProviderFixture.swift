// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire

/// A provider, the server it is on, and a connection to do things behind its back.
struct ProviderFixture {
    let provider: RedisStreamsProvider
    let server: RedisServer
    let redis: RedisConnection
    let log: LogLines

    /// Runs `body` with a provider on a server of its own.
    static func with(
        arguments: [String] = [], prefix: String = "", _ change: (inout RedisStreamsOptions) -> Void = { _ in },
        _ body: (ProviderFixture) async throws -> Void
    ) async throws {
        try await RedisServer.with(arguments: { port, _ in ["--port", "\(port)"] + arguments }) { server in
            let redis = try await server.link(server.socketURL).connection()
            let log = LogLines()
            var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
            options.prefix = prefix
            change(&options)
            let provider = try RedisStreamsProvider(options, clock: TimeControl.real().clock, logger: log.logger)
            try await body(ProviderFixture(provider: provider, server: server, redis: redis, log: log))
            await provider.close()
        }
    }

    /// Another provider on the same server.
    func another(_ change: (inout RedisStreamsOptions) throws -> Void) throws -> RedisStreamsProvider {
        var options = provider.options
        try change(&options)
        return try RedisStreamsProvider(options, clock: TimeControl.real().clock, logger: log.logger)
    }

    /// What the server answers to a command; an error is thrown.
    @discardableResult
    func command(_ name: StaticString, _ words: String) async throws -> RedisReply {
        let parts = words.split(separator: " ")
        var commands = RedisCommands()
        commands.begin(parts.count + 1, name)
        for part in parts { commands.add(String(part)) }
        return try await redis.submit(commands).reply()
    }

    /// Publishes texts.
    @discardableResult
    func publish(_ count: Int, to stream: StreamName) async throws -> [MessageID] {
        var ids: [MessageID] = []
        for start in stride(from: 0, to: count, by: 1000) {
            let entries = (start..<min(start + 1000, count)).map {
                PublishBatch.Entry(stream: stream, message: Message(Payload("\($0)")))
            }
            ids += try await provider.publish(PublishBatch(entries)).map { try $0.get().id }
        }
        return ids
    }
}
