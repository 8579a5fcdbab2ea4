// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// A registry that runs and cannot do its work says so, works again when it can, and is no hot loop meanwhile.
    @Suite struct Readiness {
        @Test func whileSomethingElseLiesUnderTheKeyItIsNotReady() async throws {
            try await attack(reason: "work") { server in
                try await server.command("SET", "work", "something else")
            } heal: { server in
                try await server.command("DEL", "work")
            }
        }

        @Test(arguments: ["xreadgroup", "evalsha"]) func withoutARightItIsNotReady(right: String) async throws {
            try await attack(reason: right) { server in
                try await server.command("ACL", "SETUSER", "app", "-\(right)")
                // These wait in the stream.
                try await server.publish((10..<20).map { "\($0) 0" }, to: "work")
            } heal: { server in
                #expect(try await refusals(server) <= 60)
                try await server.command("ACL", "SETUSER", "app", "+\(right)")
                try await server.publish((20..<30).map { "\($0) 0" }, to: "work")
            }
        }

        /// Handlers run when the password is changed; what they decide can be said once it is the old one again.
        @Test func withAnotherPasswordItIsNotReady() async throws {
            try await attack(reason: "wrongpass") { server in
                try await server.publish((10..<14).map { "\($0) 300" }, to: "work")
                try await eventually("handlers") { try await server.pendingCount("work", "crew") == 4 }
                try await server.command("ACL", "SETUSER", "app", "resetpass", ">another")
                try await server.command("CLIENT", "KILL", "USER", "app")
                try await server.publish((14..<20).map { "\($0) 0" }, to: "work")
            } heal: { server in
                #expect(try await refusals(server) <= 60)
                try await server.command("ACL", "SETUSER", "app", "resetpass", ">secret")
                try await server.publish((20..<30).map { "\($0) 0" }, to: "work")
            }
        }

        /// How often anybody was refused something.
        private func refusals(_ server: RedisServer) async throws -> Int {
            try await server.command("ACL", "LOG").elements.reduce(0) { $0 + ($1.elements[1]?.integer ?? 0) }
        }

        /// Disturbs workers and a registry that are at rest, lets that be for a while, and heals it.
        private func attack(
            reason: String, location: SourceLocation = #_sourceLocation,
            disturb: @escaping @Sendable (RedisServer) async throws -> Void,
            heal: @escaping @Sendable (RedisServer) async throws -> Void
        ) async throws {
            try await RedisServer.with { server in
                try await server.command("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all")
                let url = server.url.replacing("redis://", with: "redis://app:secret@")
                try await Supervisor.with(1, WorkerSettings(url)) { crew in
                    try await Onlooker.with(url) { onlooker in
                        try await handle(0..<10, server, crew, onlooker)
                        try await Calm.expect(of: crew, "not ready: \(reason)", location: location) {
                            try await disturb(server)
                            let told = try await onlooker.reason()
                            print("not ready: \(told)")
                            #expect(told.lowercased().contains(reason), "\(told)", sourceLocation: location)
                            try await Calm.pass(.seconds(4))
                        }
                        try await heal(server)
                        try await handle(30..<40, server, crew, onlooker)
                        try await onlooker.readiness()
                        #expect(crew.deaths == 0, sourceLocation: location)
                    }
                }
            }
        }

        /// Publishes messages and waits until they, and all before them, are handled.
        private func handle(
            _ numbers: Range<Int>, _ server: RedisServer, _ crew: Supervisor, _ onlooker: Onlooker
        ) async throws {
            try await server.publish(numbers.map { "\($0) 0" }, to: "work")
            let stored = Set(
                try await server.command("XRANGE", "work", "-", "+").elements.map { entry in
                    String((entry.elements[1]?.elements[1]?.string ?? "").prefix { $0 != " " })
                })
            try await crew.wait(for: "every message") { $0.handled.isSuperset(of: stored) }
            try await eventually("every message, here") { onlooker.handled.isSuperset(of: stored) }
            for group in ["crew", "watch"] {
                try await eventually("nothing pending") { try await server.pendingCount("work", group) == 0 }
            }
        }
    }
}
