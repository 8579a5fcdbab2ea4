// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// What a consumer left behind that is gone, far more than its successor has room for.
    @Suite struct HugeBacklog {
        /// What is handled shows that it goes on; to wait for all would only take long. Handlers take their time, so
        /// that looks now and then see what is held.
        @Test func whoTakesOverNeverHoldsMoreThanItHasRoomFor() async throws {
            try await RedisServer.with { server in
                for start in stride(from: 0, to: 50_000, by: 5000) {
                    try await server.publish((start..<start + 5000).map { "\($0) 20" }, to: "work")
                }
                try await server.command("XGROUP", "CREATE", "work", "crew", "0")
                try await server.command(
                    "XREADGROUP", "GROUP", "crew", "gone@1000", "COUNT", "50000", "STREAMS", "work", ">")
                try await server.command("CONFIG", "RESETSTAT")
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.prefetch) = (6, 4)
                try await Supervisor.with(1, settings) { crew in
                    var most = 0
                    try await eventually("a good part of them") {
                        most = max(most, try await held(server))
                        return crew.lines.handled.count >= 500
                    }
                    print("a huge backlog: at most \(most) held, \(crew.lines.summary)")
                    #expect((1...10).contains(most))
                    #expect(crew.lines.doubled.isEmpty)
                    #expect(crew.lines.of("begin").allSatisfy { $0.attempt == 2 })
                    #expect(try await scriptTime(server) < 50_000)
                }
            }
        }

        /// How many entries any consumer holds but the one that is gone.
        private func held(_ server: RedisServer) async throws -> Int {
            try await server.command("XPENDING", "work", "crew").elements[3]?.elements.filter {
                $0.elements[0]?.string != "gone@1000"
            }.reduce(0) { $0 + (Int($1.elements[1]?.string ?? "") ?? 0) } ?? 0
        }

        /// How long a script took on average, in microseconds.
        private func scriptTime(_ server: RedisServer) async throws -> Int {
            let statistics = try await server.command("INFO", "commandstats").string ?? ""
            let line = statistics.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_evalsha:") } ?? ""
            let word = line.split(separator: ",").first { $0.hasPrefix("usec_per_call=") } ?? ""
            return Int(Double(word.dropFirst("usec_per_call=".count)) ?? 1e9)
        }
    }
}
