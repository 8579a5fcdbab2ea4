// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// What becomes of a program whose login is refused.
    @Suite struct LoginTests {
        private func refusal(_ server: RedisServer) -> String {
            "the server at 127.0.0.1:\(server.port) refuses the password "
                + "(WRONGPASS invalid username-password pair or user is disabled); check 'username' and 'password'"
        }

        @Test(arguments: ["provider: redis-streams", "provider: redis-pubsub"])
        func aWrongPasswordAtTheStartEndsTheProgram(provider: String) async throws {
            try await protected { server in
                let program = try SpokenProgram(
                    .idle, "\(provider), url: 'redis://:wrong@127.0.0.1:\(server.port)'",
                    guarantee: provider.hasSuffix("pubsub") ? "at-most-once" : "at-least-once")
                #expect(try await program.child.exit(within: .seconds(60)).code == 1)
                #expect(
                    program.log.filter { $0.hasPrefix("warning: Broker") } == [
                        "warning: Broker 'events': \(refusal(server)). Trying again"
                    ])
                #expect(
                    program.child.complaints == [
                        "error: the registry ended by: unauthorized: broker 'events': \(refusal(server)). Tried 3 times; "
                            + "with 'wait-for-login: true' the program goes on trying"
                    ])
            }
        }

        @Test func whoWaitsForTheLoginGoesOnTrying() async throws {
            try await protected { server in
                let program = try SpokenProgram(
                    .idle,
                    "provider: redis-streams, wait-for-login: true, url: 'redis://:other@127.0.0.1:\(server.port)'")
                try await program.child.line("warning: Broker 'events' is still not connected after ")
                try await self.set("other", on: server)
                try await program.child.line("info: Consuming 'work' as 'workers'")
                #expect(try await program.end(by: SIGTERM) == 0)
                #expect(program.child.complaints == [])
            }
        }

        @Test func whoWasLoggedInGoesOnTrying() async throws {
            try await protected { server in
                let program = try SpokenProgram(
                    .idle, "provider: redis-streams, url: 'redis://:right@127.0.0.1:\(server.port)'")
                try await program.child.line("info: Consuming 'work' as 'workers'")
                try await self.set("other", on: server)
                try await self.admin(server) {
                    _ = try await $0.send(RedisCommands("CLIENT", "KILL", "TYPE", "normal"))
                }
                // A connection that was just being made is told as closed first, and the refusal later.
                let refusal = refusal(server)
                try await program.child.line("a refusal", within: .seconds(60)) {
                    $0.hasPrefix("warning: Broker 'events'") && $0.hasSuffix("\(refusal). Trying again")
                }
                try await self.set("right", on: server)
                try await program.child.line("info: Broker 'events' is connected again to ")
                #expect(try await program.end(by: SIGTERM) == 0)
                #expect(program.child.complaints == [])
            }
        }

        /// Runs `body` with a server whose default user has the password `right`.
        private func protected(_ body: (RedisServer) async throws -> Void) async throws {
            try await RedisServer.with(
                arguments: { port, folder in
                    let users = "user default on >right ~* &* +@all\nuser admin on >admin ~* &* +@all\n"
                    try users.write(toFile: folder + "/users.acl", atomically: true, encoding: .utf8)
                    return ["--port", "\(port)", "--aclfile", folder + "/users.acl"]
                }, body)
        }

        private func set(_ password: String, on server: RedisServer) async throws {
            try await admin(server) { connection in
                let reply = try await connection.submit(
                    RedisCommands("ACL", "SETUSER", "default", "resetpass", ">\(password)")
                ).reply()
                #expect(reply.string == "OK")
            }
        }

        private func admin(_ server: RedisServer, _ body: (RedisConnection) async throws -> Void) async throws {
            try await body(try await server.link("redis://admin:admin@127.0.0.1:\(server.port)").connection())
        }
    }
}
