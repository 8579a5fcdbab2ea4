// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// A server that forgets scripts and ends connections while messages of every kind are handled.
    @Suite struct DisturbedLine {
        @Test func scriptsThatAreForgottenAgainAndAgain() async throws {
            try await attack("SCRIPT FLUSH", every: .milliseconds(100), times: 40) { server in
                try await server.command("SCRIPT", "FLUSH")
            }
        }

        @Test func connectionsThatAreKilledAgainAndAgain() async throws {
            try await attack("CLIENT KILL", every: .milliseconds(200), times: 50) { server in
                try await server.command("CLIENT", "KILL", "TYPE", "normal")
            }
        }

        /// Each time four messages are published: one is handled, one retried, one takes longer than a third of its
        /// lease, and the first time one is refused, which is a log line.
        private func attack(
            _ what: String, every pause: Duration, times: Int, _ disturb: (RedisServer) async throws -> Void
        ) async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.visibility) = (16, 2000)
                try await Supervisor.with(1, settings) { crew in
                    try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                    try await Calm.expect(of: crew, what) {
                        for turn in 0..<times {
                            let texts = ["10", "0 stumble", turn == 0 ? "0 reject" : "10", "800"].enumerated().map {
                                place, errand in
                                "\(turn * 4 + place) \(errand)"
                            }
                            try await server.publish(texts, to: "work")
                            try await disturb(server)
                            try await Calm.pass(pause)
                        }
                    }
                    try await crew.wait(for: "every message after \(what)") { $0.handled.count == times * 4 - 1 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    print("\(what): \(crew.lines.summary)")
                    #expect(try await server.command("XLEN", "{work}:dead").integer == 1)
                    #expect(crew.lines.doubled.isEmpty)
                }
            }
        }
    }
}
