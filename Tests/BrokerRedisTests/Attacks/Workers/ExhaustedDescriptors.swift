// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// A process that may open nothing any more: no file, no socket.
    @Suite struct ExhaustedDescriptors {
        /// A handler takes what there is, and then the server ends every connection: that of the stream, that of the
        /// pattern, and the one that follows. None can be made for a while, for which the one that follows waits.
        @Test func workGoesOnWhenDescriptorsAreFreeAgain() async throws {
            for round in 1...3 { if try await goesOn(isLast: round == 3) { return } }
        }

        /// Returns false if Dispatch ended the process, which it does when it can open no file at the moment at which it
        /// counts its threads. On a busy machine the handler that waits on a thread of its own does not spare it that.
        private func goesOn(isLast: Bool) async throws -> Bool {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.visibility, settings.isWide) = (60_000, true)
                return try await Supervisor.with(1, settings) { crew in
                    try await begin(crew, server)
                    try await Calm.expect(of: crew, "no descriptors") { try await exhaust(crew, server) }
                    if !isLast, Self.wasEndedByDispatch(crew) { return false }
                    try await server.publish(["last 0"], to: "work")
                    try await crew.wait(for: "every message") { $0.handled.count == 75 }
                    #expect(crew.lines.of("followed").count == 54)
                    for stream in ["work", "side.a"] {
                        try await eventually("nothing pending") { try await server.pendingCount(stream, "crew") == 0 }
                        #expect(try await server.command("XLEN", "{\(stream)}:dead").integer == 0)
                    }
                    print("no descriptors: deaths \(crew.deaths), \(crew.lines.summary)")
                    #expect(crew.deaths == 0)
                    #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                    return true
                }
            }
        }

        /// Its traps are the signal of an instruction that does not exist, or of a breakpoint.
        private static func wasEndedByDispatch(_ crew: Supervisor) -> Bool {
            crew.deaths > 0 && crew.exits.values.allSatisfy { [128 + SIGILL, 128 + SIGTRAP].contains($0) }
        }

        private func begin(_ crew: Supervisor, _ server: RedisServer) async throws {
            try await server.publish(["follower 90000 follow"], to: "work")
            try await server.publish(["first 0"], to: "side.a")
            try await crew.wait(for: "every consumer") { $0.handled.contains("first") && !$0.of("followed").isEmpty }
        }

        private func exhaust(_ crew: Supervisor, _ server: RedisServer) async throws {
            try await server.publish(["hoarder 4000 hoard", "beside 1500 apart"], to: "work")
            try await crew.wait(for: "handlers") { $0.begins["beside"] == 1 && $0.begins["hoarder"] == 1 }
            try await Calm.pass(.milliseconds(300))
            try await server.command("CLIENT", "KILL", "TYPE", "normal")
            try await server.publish((1...50).map { "\($0) 0" }, to: "work")
            try await server.publish((51...70).map { "\($0) 0" }, to: "side.a")
            try await crew.wait(for: "failed calls") { lines in
                lines.of("failed").contains { $0.words.contains("receive") } || crew.deaths > 0
            }
            #expect(!crew.lines.handled.contains("hoarder"), "they failed while there was nothing to open")
            try await crew.wait(for: "the hoarder's end") { $0.handled.contains("hoarder") || crew.deaths > 0 }
        }
    }
}
