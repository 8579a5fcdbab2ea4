// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// The program of the front page, beside its file, as a newcomer starts it.
    @Suite struct QuickStartProgramTests {
        @Test func bothGroupsGetTheOrderAndCtrlCEndsIt() async throws {
            let child = try ChildProcess(
                "QuickStart", [], environment: ["STREAMBROKER_ENV": "development"], shell: Self.inItsFolder)
            try await child.line("order 1: 4200 charged")
            try await child.line("order 1 can be found")
            child.send(SIGINT)
            #expect(try await child.exit().code == 0)
        }

        /// Into a pipe a program prints when its buffer is full, and not line by line as on a terminal.
        private static let inItsFolder =
            "cd '\(Repository.path("Examples/QuickStart"))' && exec stdbuf -oL \"$0\" \"$@\""
    }
}
