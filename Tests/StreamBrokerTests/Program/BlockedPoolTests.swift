// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// Handlers that block every thread of a process.
    @Suite struct BlockedPoolTests {
        @Test func isToldByTheThreadThatStillLivesAndSoIsItsEnd() async throws {
            let program = try ProgramFixture(.jammed, concurrency: 400)
            let line = try await program.child.complaint { $0.contains("Every thread of the pool") }
            #expect(line.contains(" error "))
            #expect(
                Self.text(from: "Every thread", of: line) == """
                    Every thread of the pool has been blocked for N s, and nothing is handled, settled or published; a \
                    handler that blocks its thread (a lock, a synchronous call, an endless loop) stops everything, so \
                    run such code on threads of its own; running longest: work ID in group workers for N s
                    """)
            let end = try await program.child.complaint { $0.contains("Threads of the pool") }
            #expect(Self.text(from: "Threads", of: end) == "Threads of the pool are free again, after N s")
            program.child.send(SIGTERM)
            #expect(try await program.child.exit().code == 0)
        }

        /// The message of a log line, without its numbers.
        private static func text(from beginning: String, of line: String) -> String {
            guard let range = line.firstRange(of: beginning) else { return line }
            return String(line[range.lowerBound...]).replacing(/\d{13}-\d+/, with: "ID")
                .replacing(/\d+(\.\d)? s/, with: "N s")
        }
    }
}
