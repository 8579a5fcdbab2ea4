// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// What everything depends on is away, and every handler fails.
    @Suite struct FailingHandlers {
        /// What waits for its retry waits on the server: a worker holds what it has room for, and its memory stays flat.
        @Test func whoFailsAtEverythingStaysSmall() async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.attempts, settings.delay) = (2, 2000)
                (settings.concurrency, settings.prefetch) = (16, 64)
                try await Supervisor.with(1, settings) { crew in
                    try await server.publish((0..<500).map { "\($0) 0" }, to: "work")
                    try await crew.wait(for: "a warm worker") { $0.handled.count == 500 }
                    let before = crew.memory
                    try await server.publish((1000..<6000).map { "\($0) 0 fail" }, to: "work")
                    var (most, peak) = (0, before)
                    try await eventually("dead letters") {
                        most = max(most, try await held(server))
                        peak = max(peak, crew.memory)
                        return try await server.command("XLEN", "{work}:dead").integer == 5000
                    }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    print("all fail: at most \(most) held, \((peak - before) >> 10) KiB more, \(crew.lines.summary)")
                    // 80 that are undecided, and half as many whose settlement is on its way.
                    #expect((1...120).contains(most))
                    #expect(peak - before < 48 << 20)
                    #expect(crew.lines.doubled.isEmpty)
                    #expect(crew.lines.of("begin").count == 10_500)
                }
            }
        }

        /// How many entries workers hold; what waits for its retry is nobody's.
        private func held(_ server: RedisServer) async throws -> Int {
            try await server.command("XPENDING", "work", "crew").elements[3]?.elements.filter {
                $0.elements[0]?.string?.hasPrefix("~") == false
            }.reduce(0) { $0 + (Int($1.elements[1]?.string ?? "") ?? 0) } ?? 0
        }
    }
}
