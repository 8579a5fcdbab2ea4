// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import RedisTestSupport
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension AttacksOnWorkers {
    /// Processes that are told to end, at any moment of their lives, while they start too.
    @Suite struct ToldProcesses {
        /// What a process kept would stay pending: the visibility is longer than the test.
        @Test func eachEndsAndGivesBackWhatItHas() async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.visibility, settings.attempts) = (8, 600_000, 2)
                try await Supervisor.with(3, settings) { crew in
                    var dice = SeededGenerator(seed: 21)
                    var told: Set<Int32> = []
                    for round in 0..<100 {
                        let texts = (0..<10).map { "\(round * 10 + $0) \(Int.random(in: 0...80, using: &dice))" }
                        try await server.publish(texts, to: "work")
                        try await Calm.pass(.milliseconds(Int.random(in: 0...200, using: &dice)))
                        try await eventually("one that was not told yet") { !told.isSuperset(of: crew.pids) }
                        let victim = crew.pids.filter { !told.contains($0) }.randomElement(using: &dice)
                        if let victim, told.insert(victim).inserted { crew.send(SIGTERM, to: victim) }
                    }
                    try await crew.wait(for: "every message") { $0.handled.count == 1000 }
                    try await crew.wait(for: "every end") { _ in told.isSubset(of: crew.exits.keys) }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
                    expectEnds(of: crew, told: told.count)
                }
            }
        }

        /// The system ends a process that does not listen yet: it has done nothing then.
        private func expectEnds(of crew: Supervisor, told: Int) {
            let lines = crew.lines
            let busy = Set(lines.filter { !["start", "died"].contains($0.event) }.map(\.process))
            let clean = crew.exits.values.count { $0 == 0 }
            print("told: \(told) ends, \(clean) with 0, \(lines.summary)")
            #expect(crew.deaths == told)
            for (pid, code) in crew.exits where code != 0 {
                #expect(code == 128 + SIGTERM)
                #expect(!busy.contains(pid), "\(lines.filter { $0.process == pid })")
            }
            #expect(clean >= told / 2)
            #expect(lines.begins.values.allSatisfy { $0 == 1 })
        }
    }
}
