// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// Handlers that never return and do not hear that they are cancelled.
    @Suite struct StuckHandlers {
        private static let others = Set((0..<50).map { "\($0)" })

        /// One waits for ever; where the machine has enough threads for each attempt another blocks its thread.
        @Test func whoNeverReturnsIsADeadLetterAndTheOthersAreHandled() async throws {
            try await RedisServer.with { server in
                try await Supervisor.with(1, settings(server, attempts: 2)) { crew in
                    let stuck = ["ignores 0 ignore"] + (Self.cores > 2 ? ["blocks 0 hang"] : [])
                    try await server.publish(stuck, to: "work")
                    try await crew.wait(for: "those that never return") { $0.of("begin").count == stuck.count }
                    try await server.publish(Self.others.map { "\($0) 20" }, to: "work")
                    try await crew.wait(for: "the others", within: .seconds(10)) { $0.handled == Self.others }
                    try await expectLetters(stuck.count, "attempts", server)
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    let begins = crew.lines.begins
                    print("never return: \(crew.lines.summary)")
                    #expect(begins.allSatisfy { $0.value == (Self.others.contains($0.key) ? 1 : 2) })
                    #expect(crew.lines.of("lost").isEmpty)
                }
            }
        }

        /// The bound: as many blocked threads as the machine has cores, and the process begins nothing more. It reads
        /// nothing more either, and hands back what the read brought that was under way. Without a deadline it keeps its
        /// leases, so that nothing is handled twice; when it is killed others go on.
        @Test func asManyBlockedThreadsAsCoresStopAProcessAndLoseNothing() async throws {
            try await RedisServer.with { server in
                var settings = settings(server, attempts: 1)
                settings.timeout = nil
                try await Supervisor.with(1, settings) { crew in
                    try await block(server, crew)
                    crew.kill(0)
                    try await crew.wait(for: "the others") { $0.handled == Self.others.union(["read"]) }
                    try await expectLetters(Self.cores, "crashed", server)
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    print("all threads blocked: \(crew.lines.summary)")
                    #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                }
            }
        }

        /// With a deadline the process lets go of what is past it, and others need nobody to kill it.
        @Test func whatIsPastItsDeadlineLeavesAProcessWhoseThreadsAreAllBlocked() async throws {
            try await RedisServer.with { server in
                let settings = settings(server, attempts: 1)
                try await Supervisor.with(1, settings) { stopped in
                    let blocking = (0..<Self.cores).map { "blocks-\($0) 0 hang" }
                    try await server.publish(blocking, to: "work")
                    try await stopped.wait(for: "those that block") { $0.of("begin").count == Self.cores }
                    try await Supervisor.with(1, settings) { other in
                        try await expectLetters(Self.cores, "crashed", server)
                        try await server.publish(Self.others.map { "\($0) 0" }, to: "work")
                        try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                        print("let go: \(stopped.lines.summary); \(other.lines.summary)")
                        #expect(other.lines.handled == Self.others)
                        #expect(other.lines.begins.values.allSatisfy { $0 == 1 })
                        #expect(stopped.deaths == 0)
                    }
                }
            }
        }

        /// Blocks every thread, for longer than a lease would last that nobody extends. What the read brings that is under
        /// way then is never begun.
        private func block(_ server: RedisServer, _ crew: Supervisor) async throws {
            let count = Self.cores
            try await server.publish((0..<count).map { "blocks-\($0) 0 hang" }, to: "work")
            try await crew.wait(for: "those that block") { $0.of("begin").count == count }
            // A delivery that has begun just now still counts as proof that handlers can run.
            try await Calm.pass(.milliseconds(100))
            try await server.publish(["read 0"], to: "work")
            // On a busy machine no read is under way: the last delivery began too long before it, and it waits for a thread.
            let reads = try? await eventually("a read", within: .seconds(5)) { () -> Bool? in
                try await server.pendingCount("work", "crew") == count + 1 ? true : nil
            }
            print("a read was under way: \(reads ?? false)")
            try await server.publish(Self.others.map { "\($0) 0" }, to: "work")
            try await Calm.pass(.seconds(4))
            let lines = crew.lines
            #expect(lines.of("begin").count == count && lines.of("end").isEmpty && lines.of("lost").isEmpty)
            let expired = try await server.command("XPENDING", "work", "crew", "IDLE", "1000", "-", "+", "10").elements
            let begun = Set(lines.of("begin").map(\.id))
            #expect(begun.isDisjoint(with: expired.compactMap { $0.elements[0]?.string }))
        }

        /// How many threads handlers have in a process.
        private static let cores = ProcessInfo.processInfo.activeProcessorCount

        private func settings(_ server: RedisServer, attempts: Int) -> WorkerSettings {
            var settings = WorkerSettings(server.url)
            (settings.concurrency, settings.prefetch) = (Self.cores + 4, 64)
            (settings.timeout, settings.attempts) = (1000, attempts)
            return settings
        }

        /// Waits for `count` dead letters, and expects this reason.
        private func expectLetters(_ count: Int, _ reason: String, _ server: RedisServer) async throws {
            let letters = try await eventually("dead letters") {
                let letters = try await server.command("XRANGE", "{work}:dead", "-", "+").elements
                return letters.count == count ? letters : nil
            }
            for letter in letters {
                let fields = letter.elements[1]?.elements.map { $0.string ?? "" } ?? []
                #expect(fields.firstIndex(of: "sb-reason").map { fields[$0 + 1] } == reason)
            }
        }
    }
}
