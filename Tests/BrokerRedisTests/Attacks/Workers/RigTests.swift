// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// The tools of the other attacks do what they say.
    @Suite struct RigTests {
        @Test func theProxyPassesOnWhatItCounts() async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    let connection = try await server.link(proxy.url).connection()
                    let body = String(repeating: "x\r\n", count: 100_000)
                    _ = try await connection.send(RedisCommands("SET", "a", body))
                    #expect(try await connection.submit(RedisCommands("GET", "a")).reply().string == body)
                    var many = RedisCommands()
                    for number in 0..<1000 {
                        many.begin(2, "ECHO")
                        many.add(number)
                    }
                    #expect(try await connection.send(many).map(\.integer) == (0..<1000).map { $0 })
                    #expect(proxy.counts["ECHO"] == 1000 && proxy.counts["SET"] == 1)
                }
            }
        }

        @Test func theProxyCutsInsideTheReplyThatIsMeant() async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    let link = try server.link(proxy.url)
                    proxy.inject(.cut(perMille: 500), skipping: 1) { $0.name == "INCR" }
                    let first = try await link.connection()
                    #expect(try await first.submit(RedisCommands("INCR", "a")).reply().integer == 1)
                    let error = await #expect(throws: RedisError.self) {
                        try await first.submit(RedisCommands("INCR", "a")).reply()
                    }
                    #expect(error?.effect == .unknown)
                    let second = try await link.connection()
                    #expect(try await second.submit(RedisCommands("GET", "a")).reply().integer == 2)
                    #expect(proxy.strikes == 1)
                }
            }
        }

        @Test func theProxyStallsDelaysAndRefuses() async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    let link = try server.link(proxy.url) { $0.commandTimeout = .milliseconds(300) }
                    proxy.inject(.delay(.milliseconds(100))) { $0.name == "ECHO" }
                    proxy.inject(.stall) { $0.name == "ECHO" }
                    let begin = ContinuousClock.now
                    #expect(try await link.connection().submit(RedisCommands("ECHO", "a")).reply().string == "a")
                    #expect(ContinuousClock.now - begin > .milliseconds(99))
                    await #expect(throws: RedisError.self) {
                        try await link.connection().submit(RedisCommands("ECHO", "a")).reply()
                    }
                    proxy.isRefusing = true
                    proxy.cutConnections()
                    try await eventually("a refusal") {
                        do {
                            _ = try await link.connection().submit(RedisCommands("ECHO", "a")).reply()
                            return false
                        } catch { return true }
                    }
                    proxy.isRefusing = false
                    try await eventually("an answer") {
                        try? await link.connection().submit(RedisCommands("ECHO", "a")).reply().string == "a"
                    }
                }
            }
        }

        @Test func aServerIsReplacedWithAndWithoutItsData() async throws {
            try await RedisServer.with { server in
                try await server.command("SET", "a", "b")
                try await server.replace(keepingData: true)
                #expect(try await server.command("GET", "a").string == "b")
                try await server.replace()
                #expect(try await server.command("GET", "a").kind == .null)
            }
        }

        @Test func aServersClockIsSetWhileItRuns() async throws {
            try await RedisServer.withClock { server, clock in
                let before = try await server.command("TIME").elements[0]?.integer ?? 0
                try clock.set(ahead: .seconds(3600))
                let after = try await server.command("TIME").elements[0]?.integer ?? 0
                #expect((3600...3610).contains(after - before))
            }
        }
    }
}
