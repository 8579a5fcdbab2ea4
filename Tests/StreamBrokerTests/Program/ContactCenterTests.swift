// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// Connected streams, from inquiry to feedback.
    @Suite struct ContactCenterTests {
        @Test func endsByItselfWithATableAndALineOfJSON() async throws {
            let child = try ChildProcess(example: "ContactCenter", [])
            #expect(try await child.exit().code == 0)
            #expect(child.lines.count == 1)
            let summary = try ContactCenterSummary(of: child)
            #expect(summary == .whole(60, escalated: 15, provider: "memory"))
            let stages = [
                "billing/desk", "escalation/supervisor", "feedback/archive", "feedback/coaching",
                "feedback/dashboard",
                "intake.*/classifier", "retention/desk", "technical/desk",
            ]
            for stage in stages { #expect(child.complaints.contains { $0.hasPrefix(stage) }) }
            let supervisor = child.complaints.first { $0.hasPrefix("escalation/supervisor") }
            let columns = supervisor?.split(separator: " ").dropFirst().compactMap { Int($0) }
            #expect(columns == [15, 0, 5], "five supervisors were away")
        }

        @Test func comesToTheSameOnRedisInEveryRunWhateverIsThereAlready() async throws {
            try await RedisServer.with { server in
                for run in 1...2 {
                    let child = try ChildProcess("ContactCenter", ["24"], environment: production(server))
                    #expect(try await child.exit().code == 0)
                    let summary = try ContactCenterSummary(of: child)
                    #expect(summary == .whole(24, escalated: 6, provider: "redis-streams"))
                    #expect(try await server.command("XLEN", "feedback").integer == run * 24)
                }
            }
        }

        @Test func stagesRunInProcessesOfTheirOwn() async throws {
            try await RedisServer.with { server in
                let workers = ["classifier", "billing", "technical", "retention", "escalation"].flatMap {
                    ["--stage", $0]
                }
                let crew = try ChildProcess("ContactCenter", workers, environment: production(server))
                let ends = try ChildProcess(
                    "ContactCenter", ["12", "--stage", "intake", "--stage", "feedback"], environment: production(server)
                )
                #expect(try await ends.exit().code == 0)
                #expect(try ContactCenterSummary(of: ends) == .whole(12, escalated: 3, provider: "redis-streams"))
                crew.send(SIGTERM)
                #expect(try await crew.exit().code == 0)
                #expect(crew.lines == [])
            }
        }

        @Test func noInquiriesEndAtOnce() async throws {
            let child = try ChildProcess(example: "ContactCenter", ["0"])
            #expect(try await child.exit().code == 0)
            #expect(try ContactCenterSummary(of: child) == .whole(0, escalated: 0, provider: "memory"))
        }

        @Test(arguments: [["many"], ["-1"], ["1", "2"], ["--stage"], ["--stage", "lunch"]])
        func aWrongArgumentShowsTheUsage(arguments: [String]) async throws {
            let child = try ChildProcess(example: "ContactCenter", arguments)
            #expect(try await child.exit().code == 64)
            #expect(child.lines == [])
            #expect(child.complaints.first == "usage: ContactCenter [NUMBER OF INQUIRIES] [--stage NAME]...")
        }

        private func production(_ server: RedisServer) -> [String: String] {
            ["STREAMBROKER_ENV": "production", "REDIS_URL": server.url]
        }
    }
}

struct ContactCenterSummary: Decodable, Equatable {
    var conversations, answered, escalated, doubled, lost: Int
    var provider: String

    init(of child: ChildProcess) throws {
        let line = try #require(child.lines.last)
        self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
    }

    private init(conversations: Int, escalated: Int, provider: String) {
        self.conversations = conversations
        answered = conversations
        self.escalated = escalated
        doubled = 0
        lost = 0
        self.provider = provider
    }

    /// What it comes to when every conversation is answered once.
    static func whole(_ conversations: Int, escalated: Int, provider: String) -> Self {
        Self(conversations: conversations, escalated: escalated, provider: provider)
    }
}
