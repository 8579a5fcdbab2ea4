// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// A server that answers, and does nothing of what it is asked.
    @Suite struct UnwillingServer {
        @Test func aServerThatIsAReplicaForAWhileIsWaitedFor() async throws {
            try await attack("a replica for 3 s") { server in
                // Nobody listens there, so it keeps what it has.
                try await server.command("REPLICAOF", "127.0.0.1", "1")
                try await Calm.pass(.seconds(3))
                try await server.command("REPLICAOF", "NO", "ONE")
            }
        }

        /// It comes back after a crash and reads its data for seconds, in which it listens and answers LOADING.
        @Test func aServerThatLoadsIsWaitedFor() async throws {
            let slowly = ["--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024"]
            try await attack("loading for 3 s", slowly) { server in
                try await server.command("EVAL", "for i = 1, 1500 do redis.call('SET', i, i) end", "0")
                try await server.command("SAVE")
                await server.kill()
                let begin = ContinuousClock.now
                try await server.start()
                #expect(ContinuousClock.now - begin > .seconds(2))
            } check: { lines in
                #expect(lines.contains { $0.event == "failed" && $0.description.contains("LOADING") })
            }
        }

        @Test func aServerThatRunsSomebodysScriptIsWaitedFor() async throws {
            try await attack("busy for 6 s") { server in
                try await server.command("CONFIG", "SET", "lua-time-limit", "500")
                // Who is there before can talk to it; a new client could not even introduce itself.
                let (busy, other) = (try server.link(), try server.link())
                let (loop, end) = (try await busy.connection(), try await other.connection())
                async let endless: Void = {
                    _ = try? await loop.submit(RedisCommands("EVAL", "while true do end", "0")).reply()
                }()
                try await Calm.pass(.seconds(6))
                #expect(try await end.submit(RedisCommands("SCRIPT", "KILL")).reply().string == "OK")
                await endless
                // It is killed when it is looked at next.
                try await eventually("an answer") { try? await server.command("PING").string == "PONG" }
                await busy.close()
                await other.close()
            }
        }

        /// Disturbs a server while handlers run and messages wait.
        private func attack(
            _ what: String, _ arguments: [String] = [], _ disturb: (RedisServer) async throws -> Void,
            check: ([LedgerLine]) -> Void = { _ in }
        ) async throws {
            try await RedisServer.with(arguments: { port, _ in ["--port", "\(port)"] + arguments }) { server in
                var settings = WorkerSettings(server.url)
                settings.visibility = 2000
                try await Supervisor.with(1, settings) { crew in
                    try await server.publish((0..<40).map { "\($0) \($0 % 2 == 0 ? "200" : "50 stumble")" }, to: "work")
                    try await crew.wait(for: "handlers") { $0.of("begin").count >= 4 }
                    try await Calm.expect(of: crew, what) { try await disturb(server) }
                    try await server.publish((40..<50).map { "\($0) 0" }, to: "work")
                    try await crew.wait(for: "every message") { $0.handled.count == 50 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    print("\(what): \(crew.lines.summary)")
                    check(crew.lines)
                    #expect(crew.deaths == 0)
                    #expect(crew.lines.doubled.isEmpty)
                    #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
                }
            }
        }
    }
}
