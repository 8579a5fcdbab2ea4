// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import Testing

extension ProgramTests {
    /// The examples as they are, on the nodes of a cluster and behind Sentinels: nothing but their URL differs.
    @Suite struct ExamplesOnSeveralServersTests {
        enum Topology: CaseIterable {
            case cluster
            case sentinels

            func url() async throws -> String {
                switch self {
                case .cluster: try await RedisCluster.shared().url
                case .sentinels: try await SentinelSet.shared().url
                }
            }
        }

        @Test(arguments: Topology.allCases)
        func ordersComeToTheCountsOfMemory(_ topology: Topology) async throws {
            let child = try start("Orders", [], try await topology.url())
            #expect(try await child.exit().code == 0)
            let summary = try OrdersSummary(of: child)
            #expect(summary.published == 20)
            #expect(summary.handled == 59)
            #expect(summary.retried == 14)
            #expect(summary.deadLettered == 1)
            #expect(summary.lost == 0)
            #expect(summary.provider == "redis-streams")
        }

        @Test(arguments: Topology.allCases)
        func webhooksKeepTheirOrder(_ topology: Topology) async throws {
            let child = try start("Webhooks", ["--sample", "700"], try await topology.url())
            #expect(try await child.exit().code == 0)
            let summary = try WebhooksSummary(of: child)
            #expect(summary.published == 700)
            #expect(summary.handled == 700)
            #expect(summary.kinds == 7)
            #expect(summary.keys == 5)
            #expect(summary.isClean)
            #expect(summary.provider == "redis-streams")
        }

        @Test(arguments: Topology.allCases)
        func everyConversationIsAnswered(_ topology: Topology) async throws {
            let child = try start("ContactCenter", ["24"], try await topology.url())
            #expect(try await child.exit().code == 0)
            #expect(try ContactCenterSummary(of: child) == .whole(24, escalated: 6, provider: "redis-streams"))
        }

        private func start(_ example: String, _ arguments: [String], _ url: String) throws -> ChildProcess {
            try ChildProcess(
                example, arguments, environment: ["STREAMBROKER_ENV": "production", "REDIS_URL": url])
        }
    }
}
