// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// The clock of the workers' machine is set while handlers run and retries wait.
    @Suite struct WorkersInAnotherTime {
        private static let delay = 1500

        @Test(arguments: [3600, -3600]) func losesNothingAndRetriesNothingEarly(seconds: Int) async throws {
            try await RedisServer.with { server in
                try await ServerClock.with { clock in
                    try await attack(server, clock, seconds)
                }
            }
        }

        private func attack(_ server: RedisServer, _ clock: ServerClock, _ seconds: Int) async throws {
            var settings = WorkerSettings(server.url)
            (settings.visibility, settings.concurrency, settings.delay) = (1500, 10, Self.delay)
            settings.environment = clock.environment
            try await Supervisor.with(2, settings) { crew in
                try await crew.wait(for: "consumers") { $0.of("subscribed").count == 2 }
                try await server.publish((0..<5).map { "\($0) 0 stumble" }, to: "work")
                try await server.publish((5..<15).map { "\($0) 2500" }, to: "work")
                try await crew.wait(for: "retries that wait, and handlers") { lines in
                    lines.settled("retry").count == 5 && lines.of("begin").count == 15
                }
                try clock.set(ahead: .seconds(seconds))
                try await server.publish((15..<20).map { "\($0) 0 stumble" }, to: "work")
                try await crew.wait(for: "every message") { $0.handled.count == 20 }
                try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                print("a clock set by \(seconds) s: \(crew.lines.summary)")
                expectInTime(crew.lines, seconds)
                #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
            }
        }

        private func expectInTime(_ lines: [LedgerLine], _ seconds: Int) {
            let shifts = lines.of("end").map { ($0.wallTime - lines[0].wallTime) - ($0.time - lines[0].time) }
            #expect(shifts.contains { abs($0 - seconds * 1000) < 60_000 }, "the clock was set: \(shifts)")
            #expect(lines.of("lost").isEmpty && lines.doubled.isEmpty)
            #expect(lines.begins.allSatisfy { $0.value == ((5..<15).contains(Int($0.key) ?? 0) ? 1 : 2) })
            for line in lines.of("settled") where line.kind == "retry" {
                let again = lines.first { $0.event == "begin" && $0.id == line.id && $0.attempt == 2 }
                // The delay begins when the server hears of it, which is before it is noted.
                let wait = (again?.time ?? 0) - (lines.last { $0.event == "thrown" && $0.id == line.id }?.time ?? 0)
                #expect((Self.delay - 50...Self.delay + 10_000).contains(wait), "\(line)")
            }
        }
    }
}
