// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// A server that stands still, is replaced, or lives in another time.
    @Suite struct StoppedServer {
        /// BLOCK and four seconds.
        static let comingBack = Duration.seconds(9)

        @Test(arguments: [2, 8]) func readsGoOnWhenTheServerDoes(seconds: Int) async throws {
            try await withWorkers(1) { server, crew in
                try await blocked(server)
                try await Calm.expect(of: crew, "stopped for \(seconds) s") {
                    try server.freeze()
                    try await Calm.pass(.seconds(seconds))
                    try server.thaw()
                    try await server.publish((0..<10).map { "\($0) 0" }, to: "work")
                    try await crew.wait(for: "its return", within: Self.comingBack) { $0.handled.count == 10 }
                }
            }
        }

        @Test(arguments: [false, true]) func readsGoOnAtTheServerThatReplacesIt(keepingData: Bool) async throws {
            try await withWorkers(1) { server, crew in
                try await blocked(server)
                if keepingData { try await server.publish(["0 0"], to: "work") }
                try await Calm.expect(of: crew, keepingData ? "restarted" : "replaced") {
                    if !keepingData {
                        try server.freeze()
                        try await Calm.pass(.seconds(2))
                    }
                    try await server.replace(keepingData: keepingData)
                    try await server.publish((1...10).map { "\($0) 0" }, to: "work")
                    try await crew.wait(for: "its return", within: Self.comingBack) { lines in
                        lines.handled.filter { $0 != "0" }.count == 10
                    }
                    try await Calm.pass(.seconds(2))
                }
                try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
            }
        }

        /// The server comes back as it was a while ago: from a snapshot, or a replica that lagged took its place. What it
        /// knew then and was settled since comes again, once; what it never knew does not, and nothing stays behind.
        @Test func aServerThatWentBackGivesAgainWhatWasSettledSinceAndNothingElse() async throws {
            try await withWorkers(2, concurrency: 2, prefetch: 0) { server, crew in
                try await server.publish((0..<5).map { "\($0) 0" }, to: "work")
                try await settle(5, server, crew)
                // Some of these are held when it is saved, and the others have not been given to anybody.
                try await server.publish((5..<15).map { "\($0) 800" }, to: "work")
                try await crew.wait(for: "handlers") { $0.of("begin").count == 9 }
                try await server.command("SAVE")
                try await settle(15, server, crew)
                try await server.publish((15..<20).map { "\($0) 1500" }, to: "work")
                try await crew.wait(for: "handlers") { $0.of("begin").count > 15 }
                try await Calm.expect(of: crew, "went back") {
                    await server.kill()
                    try await server.start()
                    try await server.publish((20..<30).map { "\($0) 0" }, to: "work")
                    try await crew.wait(for: "what came again, and what is new") { lines in
                        lines.handled.count >= 25 && lines.ends(of: 5..<15).values.allSatisfy { $0 == 2 }
                    }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                }
                print("went back: \(crew.lines.summary)")
                let begins = crew.lines.begins
                #expect((0..<5).allSatisfy { begins["\($0)"] == 1 }, "settled before it was saved")
                #expect((5..<15).allSatisfy { begins["\($0)"] == 2 }, "settled since")
                #expect((15..<20).allSatisfy { begins["\($0)", default: 0] <= 1 }, "forgotten")
                #expect((20..<30).allSatisfy { begins["\($0)"] == 1 }, "new")
                #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
                #expect(crew.deaths == 0)
            }
        }

        @Test func aClockThatIsSetForwardTakesNothingFromItsHolders() async throws {
            try await RedisServer.withClock { server, clock in
                var settings = WorkerSettings(server.url)
                (settings.visibility, settings.concurrency) = (2000, 10)
                try await Supervisor.with(2, settings) { crew in
                    try await server.publish((0..<20).map { "\($0) 3500" }, to: "work")
                    try await crew.wait(for: "all handlers") { $0.of("begin").count == 20 }
                    try clock.set(ahead: .seconds(3600))
                    try await crew.wait(for: "the end of all") { $0.handled.count == 20 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                    #expect(crew.lines.of("got").allSatisfy { $0.kind == "new" })
                    #expect(crew.lines.of("lost").isEmpty)
                    // Back in time, what is published is read all the same.
                    try clock.set(ahead: .zero)
                    try await server.publish((20..<30).map { "\($0) 0" }, to: "work")
                    try await crew.wait(for: "what came later") { $0.handled.count == 30 }
                }
            }
        }

        /// Messages that wait for a retry, and those that an ended process held, come later by the time that the clock
        /// was set back. Everything else goes on, and nothing is lost.
        @Test func aClockThatIsSetBackPutsOffWhatWaitsAndNothingElse() async throws {
            try await RedisServer.withClock { server, clock in
                try clock.set(ahead: .seconds(600))
                var settings = WorkerSettings(server.url)
                (settings.visibility, settings.concurrency, settings.delay) = (1500, 20, 2000)
                try await Supervisor.with(2, settings) { crew in
                    try await crew.wait(for: "consumers") { $0.of("subscribed").count == 2 }
                    try await server.publish((0..<5).map { "\($0) 0 stumble" }, to: "work")
                    try await crew.wait(for: "retries that wait") { $0.settled("retry").count == 5 }
                    try clock.set(ahead: .zero)
                    try await server.publish((5..<15).map { "\($0) 2500" }, to: "work")
                    try await crew.wait(for: "what is new") { $0.handled.count == 10 }
                    #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                    #expect(crew.lines.of("lost").isEmpty)
                    #expect(try await server.pendingCount("work", "crew") == 5)
                    try clock.set(ahead: .seconds(600))
                    try await crew.wait(for: "the end of all") { $0.handled.count == 15 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    #expect(crew.lines.of("begin").filter { Int($0.number) ?? 99 < 5 }.allSatisfy { $0.attempt <= 2 })
                }
            }
        }

        @Test func aClockThatIsSetBackPutsOffWhatADeadProcessHeld() async throws {
            try await RedisServer.withClock { server, clock in
                try clock.set(ahead: .seconds(600))
                var settings = WorkerSettings(server.url)
                (settings.visibility, settings.concurrency) = (1500, 20)
                try await Supervisor.with(1, settings) { crew in
                    try await server.publish((0..<5).map { "\($0) 1000" }, to: "work")
                    try await crew.wait(for: "handlers") { $0.of("begin").count == 5 }
                    crew.kill(0)
                    try clock.set(ahead: .zero)
                    try await crew.wait(for: "another worker") { $0.of("subscribed").count == 2 }
                    try await server.publish((5..<10).map { "\($0) 3000" }, to: "work")
                    try await crew.wait(for: "what is new") { $0.handled.count == 5 }
                    #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                    #expect(try await server.pendingCount("work", "crew") == 5)
                    try clock.set(ahead: .seconds(600))
                    try await crew.wait(for: "the end of all") { $0.handled.count == 10 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                }
            }
        }

        /// Nobody could extend, so handlers are told that they lost their leases; but no message is handled twice at
        /// the same time, and when the server goes on nobody takes what others hold before they could extend.
        @Test func aStallLongerThanTheVisibilityOverlapsNothing() async throws {
            try await withWorkers(2, visibility: 1500) { server, crew in
                try await server.publish((0..<20).map { "\($0) 1000" }, to: "work")
                try await crew.wait(for: "handlers") { $0.of("begin").count >= 8 }
                let frozen = WorkerLedger.now
                let thawed = try await stall(server)
                try await crew.wait(for: "every message") { $0.handled.count == 20 }
                try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                expectNoOverlap(crew.lines, thawed)
                expectFewTwice(crew.lines, frozen, thawed)
            }
        }

        private func stall(_ server: RedisServer) async throws -> Int {
            try server.freeze()
            try await Calm.pass(.seconds(3))
            try server.thaw()
            return WorkerLedger.now
        }

        private func expectNoOverlap(_ lines: [LedgerLine], _ thawed: Int) {
            print("stalled: \(lines.summary)")
            #expect(lines.expired(between: thawed, and: thawed + 400).isEmpty)
            #expect(lines.overlaps.isEmpty)
            #expect(lines.doubled.isEmpty)
        }

        /// Only what was in a handler while the server stood still begins twice: what was settled before does not, nor
        /// what only waited in a buffer.
        private func expectFewTwice(_ lines: [LedgerLine], _ frozen: Int, _ thawed: Int) {
            let settled = Set(lines.of("settled").filter { $0.time < frozen }.map(\.id))
            let inHand = Set(lines.of("begin").filter { $0.time < thawed }.map(\.id)).subtracting(settled)
            let begins = lines.of("begin").reduce(into: [String: Int]()) { $0[$1.id, default: 0] += 1 }
            let twice = begins.filter { $0.value > 1 }
            print("stalled: \(inHand.count) in hand, \(twice.count) twice")
            #expect(inHand.isSuperset(of: twice.keys))
            #expect(twice.values.allSatisfy { $0 == 2 })
        }

        /// Waits until `count` messages are handled and the group has settled everything.
        private func settle(_ count: Int, _ server: RedisServer, _ crew: Supervisor) async throws {
            try await crew.wait(for: "\(count) messages") { $0.handled.count == count }
            try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
        }

        private func blocked(_ server: RedisServer) async throws {
            try await eventually("a blocked read") {
                try await server.command("INFO", "clients").string?.contains("blocked_clients:1") == true
            }
        }

        private func withWorkers(
            _ count: Int, visibility: Int = 2000, concurrency: Int = 4, prefetch: Int = 16,
            _ body: (RedisServer, Supervisor) async throws -> Void
        ) async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.visibility, settings.concurrency, settings.prefetch) = (visibility, concurrency, prefetch)
                try await Supervisor.with(count, settings) { crew in
                    try await crew.wait(for: "consumers") { $0.of("subscribed").count == count }
                    try await body(server, crew)
                }
            }
        }
    }
}

extension [LedgerLine] {
    /// What was taken over in a while.
    fileprivate func expired(between begin: Int, and end: Int) -> [LedgerLine] {
        of("got").filter { $0.kind == "expired" && $0.time >= begin && $0.time < end }
    }

    /// How often the handler of each of these messages ended.
    fileprivate func ends(of numbers: Range<Int>) -> [Int: Int] {
        let ends = of("end").compactMap { Int($0.number) }.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        return numbers.reduce(into: [:]) { $0[$1] = ends[$1, default: 0] }
    }

    /// The messages whose handlers ran at the same time.
    fileprivate var overlaps: Set<String> {
        var running: [String: Int32] = [:]
        var overlaps: Set<String> = []
        for line in self {
            switch line.event {
            case "begin":
                if running[line.id] != nil { overlaps.insert(line.id) }
                running[line.id] = line.process
            case "end", "thrown": running[line.id] = nil
            default: continue
            }
        }
        return overlaps
    }
}
