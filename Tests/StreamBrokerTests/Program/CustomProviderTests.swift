// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Foundation
import RedisTestSupport
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// The example with a provider of its own, over a directory of the test.
    @Suite struct CustomProviderTests {
        private let path = FileManager.default.temporaryDirectory.appending(path: "letters-\(UUID().uuidString)").path

        private func start(_ arguments: String..., sync: String = "never") throws -> ChildProcess {
            let environment = ["CUSTOM_PROVIDER_PATH": path, "CUSTOM_PROVIDER_SYNC": sync]
            return try ChildProcess("CustomProvider", arguments, environment: environment)
        }

        private func files(_ folder: String) -> [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []
        }

        private var unsettled: [String] { files("letters.stream/print.group") + files("letters.stream/archive.group") }

        @Test func endsByItselfWithATableAndALineOfJSON() async throws {
            defer { try? FileManager.default.removeItem(atPath: path) }
            let child = try start(sync: "always")
            #expect(try await child.exit().code == 0)
            let summary = try OrdersSummary(of: child)
            #expect(summary.published == 12)
            #expect(summary.handled == 23)
            #expect(summary.retried == 4)
            #expect(summary.deadLettered == 1)
            #expect(summary.lost == 0)
            #expect(summary.provider == "directory")
            #expect(child.complaints.contains { $0.hasPrefix("archive ") })
            #expect(unsettled == [])
            #expect(files("{letters}:dead.stream/log").count == 1)
        }

        /// The second process finds what the first one held and what it had not begun.
        @Test func aKilledProcessLosesNothing() async throws {
            defer { try? FileManager.default.removeItem(atPath: path) }
            let killed = try start("1000")
            try await eventually("letters are held", within: .seconds(60)) {
                unsettled.contains { $0.contains(".held.") }
            }
            killed.send(SIGKILL)
            #expect(try await killed.exit().wasKilled)
            #expect(files("letters.stream/log").count == 1000)
            #expect(!unsettled.isEmpty)
            let end = ContinuousClock.now + .seconds(90)
            while !unsettled.isEmpty, ContinuousClock.now < end {
                #expect(try await start("1").exit(within: .seconds(90)).code == 0)
            }
            #expect(unsettled == [])
        }
    }
}
