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

extension Attacks {
    /// Processes that are told to end, at any moment of their lives.
    @Suite struct ToldProcesses {
        /// A process that has not begun to listen yet is ended by the system, and one that is told twice ends at once.
        static let documented: Set<Int32> = [0, 128 + SIGTERM]

        @Test func nothingIsLostWheneverProcessesAreToldToEnd() async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.visibility, settings.attempts) = (8, 2000, 50)
                try await Supervisor.with(3, settings) { crew in
                    var dice = SeededGenerator(seed: 21)
                    var published = 0
                    for told in 0..<100 {
                        let texts = (0..<10).map { "\(told * 10 + $0) \(Int.random(in: 0...80, using: &dice))" }
                        try await server.publish(texts, to: "work")
                        published += texts.count
                        try await Calm.pass(.milliseconds(Int.random(in: 0...200, using: &dice)))
                        crew.send(SIGTERM, to: Int.random(in: 0..<3, using: &dice))
                    }
                    try await crew.wait(for: "every message") { $0.handled.count >= published }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    let codes = crew.exitCodes.reduce(into: [Int32: Int]()) { $0[$1, default: 0] += 1 }
                    let again = crew.lines.begins.values.filter { $0 > 1 }.count
                    print("told: \(published) messages, codes \(codes), begun again \(again), \(crew.lines.summary)")
                    #expect(Set(codes.keys).isSubset(of: Self.documented))
                    #expect(codes[0, default: 0] > 20)
                    #expect(again <= codes[128 + SIGTERM, default: 0] * settings.concurrency)
                    #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
                    #expect(crew.lines.doubled.isEmpty)
                }
            }
        }
    }
}
