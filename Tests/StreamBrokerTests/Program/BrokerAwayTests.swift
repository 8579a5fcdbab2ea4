// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import RedisTestSupport
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// What a program says of the server of its broker, as a person reads it.
    @Suite struct BrokerAwayTests {
        @Test func aBrokerThatIsAwayIsToldAndSoIsItsReturn() async throws {
            try await RedisServer.with { server in
                let version = try await version(of: server)
                let (url, place) = ("redis://127.0.0.1:\(server.port)/0", "127.0.0.1:\(server.port)")
                await server.kill()
                let program = try SpokenProgram(.idle, "provider: redis-streams, url: '\(url)'")
                try await program.child.line("warning: Broker 'events': no server")
                try await server.start()
                try await program.child.line("info: Consuming")
                #expect(
                    program.log.filter { $0.contains("Broker 'events'") || $0.contains("Consuming") } == [
                        "info: Broker 'events' uses redis-streams at \(url)",
                        "warning: Broker 'events': no server at \(place) (connection refused); "
                            + "is it running, is the address right? Trying again",
                        "info: Broker 'events' is connected: redis-streams at \(url), Redis \(version)",
                        "info: Consuming 'work' as 'workers': concurrency 2; a new group begins with the earliest message",
                    ])
                await server.kill()
                try await program.child.line("warning: Broker 'events': no server", times: 2)
                try await server.start()
                try await program.child.line("info: Broker 'events' is connected again to \(url), after ")
                #expect(try await program.end(by: SIGTERM) == 0)
            }
        }

        @Test func liveMessagesTellTheSame() async throws {
            try await RedisServer.with { server in
                let url = "redis://127.0.0.1:\(server.port)/0"
                await server.kill()
                let program = try SpokenProgram(
                    .idle, "provider: redis-pubsub, url: '\(url)'", guarantee: "at-most-once")
                try await program.child.line(
                    "warning: Broker 'events': no server at 127.0.0.1:\(server.port) (connection refused); "
                        + "is it running, is the address right? Trying again")
                try await server.start()
                try await program.child.line("info: Broker 'events' is connected: redis-pubsub at \(url)")
                #expect(try await program.end(by: SIGTERM) == 0)
            }
        }

        @Test func aServerThatIsNoRedisIsToldAsWhatItIs() async throws {
            try await ScriptedServer.with { _ in
                .cut("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")
            } _: { server in
                let program = try SpokenProgram(
                    .idle, "provider: redis-streams, url: 'redis://127.0.0.1:\(server.port)'")
                try await program.child.line(
                    "warning: Broker 'events': 127.0.0.1:\(server.port) is no Redis server, it speaks HTTP; "
                        + "is the port right? Trying again")
                #expect(try await program.end(by: SIGTERM) == 0)
            }
        }

        @Test func aPortThatSpeaksTLSIsToldWithTheCure() async throws {
            try await RedisServer.withTLS { server in
                let program = try SpokenProgram(
                    .idle, "provider: redis-streams, url: 'redis://127.0.0.1:\(server.port)'")
                try await program.child.line(
                    "warning: Broker 'events': 127.0.0.1:\(server.port) closed the connection at once; "
                        + "if it speaks TLS, write rediss:// in 'url'. Trying again")
                #expect(try await program.end(by: SIGTERM) == 0)
            }
        }

        @Test func aPortThatSpeaksNoTLSIsToldWithTheCure() async throws {
            try await RedisServer.with { server in
                let program = try SpokenProgram(
                    .idle, "provider: redis-streams, url: 'rediss://127.0.0.1:\(server.port)'")
                try await program.child.line(
                    "warning: Broker 'events': no answer in TLS from 127.0.0.1:\(server.port); "
                        + "if it speaks no TLS, write redis:// in 'url'. Trying again")
                #expect(try await program.end(by: SIGTERM) == 0)
            }
        }

        /// Who publishes before anything runs waits for a server that is away; a signal ends the wait, and is no error.
        @Test func aSignalDuringAPublishIsNoError() async throws {
            try await RedisServer.with { server in
                await server.kill()
                let program = try SpokenProgram(
                    .quick, "provider: redis-streams, url: 'redis://127.0.0.1:\(server.port)'")
                try await program.child.line("warning: Broker 'events': no server")
                let told = EngineThread.shared.now
                program.child.send(SIGINT)
                let exit = try await program.child.exit()
                #expect(exit.code == 0)
                #expect(exit.instant - told < .seconds(5), "the publish itself would wait for thirty seconds")
                #expect(program.child.complaints == [])
                #expect(
                    program.log == [
                        "warning: Broker 'events': no server at 127.0.0.1:\(server.port) (connection refused); "
                            + "is it running, is the address right? Trying again",
                        "info: Shutting down: no handler runs; a second Ctrl-C or SIGTERM ends the program at once",
                        try #require(program.log.last { $0.hasSuffix(": no message was handed back") }),
                    ])
            }
        }
    }
}

func version(of server: RedisServer) async throws -> String {
    let facts = try await server.command("INFO", "server").string ?? ""
    let line = facts.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
    return String(line?.dropFirst(14) ?? "")
}
