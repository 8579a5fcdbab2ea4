// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

extension AttacksOnWorkers {
    /// A program that puts dead letters back and is killed by `kill -9` in the middle of that.
    @Suite struct KilledReplay {
        private static let letters = 40_000
        private static let dead = "{work}:dead"

        @Test func nothingIsLostAndNothingIsDoubled() async throws {
            let file = NSTemporaryDirectory() + "replay-\(UUID().uuidString.prefix(8)).yaml"
            defer { try? FileManager.default.removeItem(atPath: file) }
            try await RedisServer.with { server in
                try """
                version: 1
                brokers: { events: { provider: redis-streams, url: "\(server.url)" } }
                streams: { work: { groups: { workers: {} } } }
                """.write(toFile: file, atomically: true, encoding: .utf8)
                try await Self.bury(on: server)
                for _ in 1...3 {
                    let before = try await Self.length("work", server)
                    let program = try DoomedProcess("ProgramUnderTest", ["replaying", file], environment: [:])
                    try await eventually("some are put back") { try await Self.length("work", server) > before }
                    await program.kill()
                }
                let moved = try await Self.length("work", server)
                print("killed replay: \(moved) of \(Self.letters) were put back when it was killed for the third time")
                #expect(moved < Self.letters, "it was killed in the middle")
                #expect(try await Self.length(Self.dead, server) == Self.letters - moved)
                let report = try await Self.replay(file)
                #expect(report.replayed == Self.letters - moved && report.failure == nil && report.rest == nil)
                let bodies = try await server.command("XRANGE", "work", "-", "+").elements.compactMap {
                    $0.elements[1]?.elements[1]?.string
                }
                #expect(bodies.count == Self.letters && Set(bodies).count == Self.letters)
                #expect(try await Self.length(Self.dead, server) == 0)
            }
        }

        /// Stores dead letters of the group `workers`.
        private static func bury(on server: RedisServer) async throws {
            for start in stride(from: 0, to: letters, by: 1000) {
                var commands = RedisCommands()
                for number in start..<start + 1000 {
                    let words = ["data", "\(number)", "sb-origin-stream", "work", "sb-group", "workers"]
                    commands.begin(3 + words.count, "XADD")
                    for word in [dead, "*"] + words { commands.add(word) }
                }
                try await server.first(of: commands)
            }
        }

        private static func length(_ key: String, _ server: RedisServer) async throws -> Int {
            try await server.command("XLEN", key).integer ?? 0
        }

        private static func replay(_ file: String) async throws -> DeadLetterReplay {
            let silent = Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() })
            let registry = try BrokerRegistry.load(file, logger: silent)
            let report = try await registry.broker(of: "work").replayDeadLetters(of: "work", for: "workers")
            await registry.close()
            return report
        }
    }
}
