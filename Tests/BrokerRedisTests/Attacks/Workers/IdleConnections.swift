// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// A server that closes what has been idle for a second.
    @Suite struct IdleConnections {
        @Test func whatWasClosedMeanwhileIsMadeAgainUnnoticed() async throws {
            try await RedisServer.with { server in
                try await server.command("CONFIG", "SET", "timeout", "1")
                let provider = try RedisStreamsProvider(
                    RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.url))),
                    clock: EngineThread.shared,
                    logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
                try await Supervisor.with(1, WorkerSettings(server.url)) { crew in
                    try await publish(0..<5, by: provider, server, crew)
                    try await Calm.expect(of: crew, "idle connections are closed") {
                        let before = try await accepted(server)
                        try await Calm.pass(.seconds(4))
                        try await publish(5..<10, by: provider, server, crew)
                        // Each look here is one connection, and so is each publish by the test's own hand.
                        #expect(try await accepted(server) > before + 2, "none was closed")
                    }
                    #expect(crew.lines.of("failed").isEmpty, "\(crew.lines.of("failed"))")
                    #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                }
                await provider.close()
            }
        }

        private func publish(
            _ numbers: Range<Int>, by provider: RedisStreamsProvider, _ server: RedisServer, _ crew: Supervisor
        ) async throws {
            let entries = numbers.map { PublishBatch.Entry(stream: "work", message: Message(Payload("\($0) 0"))) }
            for result in await provider.publish(PublishBatch(entries)) { _ = try result.get() }
            try await crew.wait(for: "every message") { $0.handled.count == numbers.upperBound }
            try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
        }

        /// How many connections the server has taken.
        private func accepted(_ server: RedisServer) async throws -> Int {
            let line = try await server.command("INFO", "stats").string?.split(separator: "\r\n").first {
                $0.hasPrefix("total_connections_received:")
            }
            return line.flatMap { Int($0.dropFirst("total_connections_received:".count)) } ?? 0
        }
    }
}
