// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// The example, as a newcomer runs it.
    @Suite struct OrdersTests {
        @Test func endsByItselfWithATableAndALineOfJSON() async throws {
            let child = try ChildProcess(example: "Orders", [])
            #expect(try await child.exit().code == 0)
            #expect(child.lines.count == 1)
            let summary = try OrdersSummary(of: child)
            #expect(summary.published == 20)
            #expect(summary.handled + summary.deadLettered == 3 * summary.published)
            // 5 orders find the carrier busy twice; the poisonous one is tried 5 times.
            #expect(summary.retried == 5 * 2 + 4)
            #expect(summary.deadLettered == 1)
            #expect(summary.lost == 0)
            #expect(summary.provider == "memory")
            for group in ["billing", "shipping", "fraud"] {
                #expect(child.complaints.contains { $0.hasPrefix(group) })
            }
            let given = child.complaints.filter { $0.contains("A message became a dead letter") }
            #expect(given.count == 1)
            #expect(given.first?.contains("broker.group=fraud") == true)
            #expect(given.first?.contains("broker.attempt=5") == true)
        }

        @Test func noOrdersEndAtOnce() async throws {
            let child = try ChildProcess(example: "Orders", ["0"])
            #expect(try await child.exit().code == 0)
            let summary = try OrdersSummary(of: child)
            #expect(summary.published == 0)
            #expect(summary.handled == 0)
            #expect(summary.lost == 0)
        }

        @Test func handsBackWhatItHoldsWhenItIsInterrupted() async throws {
            let child = try ChildProcess(example: "Orders", ["20000"])
            try await child.complaint { $0.contains("A handler failed") }
            child.send(SIGTERM)
            #expect(try await child.exit().code == 0)
            #expect(child.lines == [])
            #expect(child.complaints.contains { $0.contains("Shutting down: ") })
            #expect(child.complaints.last?.hasPrefix("interrupted: ") == true)
            #expect(child.complaints.last?.hasSuffix(" of 60000 settled, the rest was handed back") == true)
        }

        @Test(arguments: [["many"], ["-1"], ["1", "2"], ["1000001"], [""]])
        func aWrongArgumentShowsTheUsage(arguments: [String]) async throws {
            let child = try ChildProcess(example: "Orders", arguments)
            #expect(try await child.exit().code == 64)
            #expect(child.lines == [])
            #expect(child.complaints == ["usage: Orders [NUMBER OF ORDERS]    from 0 to 1000000, by default 20"])
        }
    }
}

/// The last line that `Orders` prints.
struct OrdersSummary: Decodable {
    var published, handled, retried, deadLettered, lost: Int
    var provider: String

    init(of child: ChildProcess) throws {
        let line = try #require(child.lines.last)
        self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
    }
}
