// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// A name that stands for one address, then for another.
    @Suite struct MovedServer {
        /// Nobody listens there.
        private static let elsewhere = "127.0.0.2"
        private static let here = "127.0.0.1"

        @Test func theNameIsLookedUpAtEachConnectAndEveryAddressIsTried() async throws {
            try await RedisServer.with { server in
                try await NameBook.with { book in
                    var settings = WorkerSettings("redis://\(NameBook.name):\(server.port)")
                    settings.environment = book.environment
                    try await Supervisor.with(1, settings) { crew in
                        try await attack(server, book, crew)
                    }
                }
            }
        }

        @Test func whoListensTriesEveryAddress() async throws {
            try await RedisServer.with { server in
                try await NameBook.with { book in
                    try book.set([Self.elsewhere, Self.here])
                    var settings = WorkerSettings("redis://\(NameBook.name):\(server.port)")
                    (settings.environment, settings.liveBuffer) = (book.environment, "{ bytes: 1MiB }")
                    try await Supervisor.with(1, settings) { crew in
                        try await eventually("a live message") {
                            try await server.broadcast("1 0", count: 1, on: "work")
                            return crew.lines.handled == ["1"]
                        }
                    }
                }
            }
        }

        private func attack(_ server: RedisServer, _ book: NameBook, _ crew: Supervisor) async throws {
            try await crew.wait(for: "an unknown name") { !$0.of("start").isEmpty }
            try await Calm.expect(of: crew, "a name that moves") {
                try await Calm.pass(.seconds(1))
                #expect(crew.lines.of("subscribed").isEmpty)
                try book.set([Self.elsewhere, Self.here])
                try await handle(0..<5, server, crew)
                try book.set([Self.elsewhere])
                try await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                try await server.publish((5..<10).map { "\($0) 0" }, to: "work")
                try await Calm.pass(.seconds(2))
                #expect(crew.lines.handled.count == 5)
                try book.set([Self.here])
                try await handle(10..<15, server, crew)
            }
            print("a name that moves: \(crew.lines.summary)")
            #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
            #expect(crew.deaths == 0)
        }

        /// Publishes messages and waits until they, and all before them, are handled.
        private func handle(_ numbers: Range<Int>, _ server: RedisServer, _ crew: Supervisor) async throws {
            try await server.publish(numbers.map { "\($0) 0" }, to: "work")
            try await crew.wait(for: "every message") { $0.handled.count == numbers.upperBound }
            try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
        }
    }
}
