// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisTestSupport
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// The examples as they are, on a real server, whose streams outlive them.
    @Suite struct ExamplesOnRedisTests {
        @Test func ordersComeToTheSameCountsInEveryRun() async throws {
            try await RedisServer.with { server in
                for run in 1...2 {
                    let child = try start("Orders", [], server)
                    #expect(try await child.exit().code == 0)
                    let summary = try OrdersSummary(of: child)
                    #expect(summary.published == 20)
                    #expect(summary.handled == 59)
                    #expect(summary.retried == 14)
                    #expect(summary.deadLettered == 1)
                    #expect(summary.lost == 0)
                    #expect(summary.provider == "redis-streams")
                    #expect(try await server.command("XLEN", "orders").integer == run * 20)
                    for group in ["billing", "shipping", "fraud"] {
                        #expect(try await server.pendingCount("orders", group) == 0)
                    }
                    let dead = try await server.command("XREVRANGE", "{orders}:dead", "+", "-", "COUNT", "1")
                    #expect(fields(of: dead)["sb-reason"] == "attempts")
                    #expect(fields(of: dead)["sb-group"] == "fraud")
                    #expect(fields(of: dead)["sb-error"] == "negativePrice")
                    #expect(try await server.command("XLEN", "{orders}:dead").integer == run)
                }
            }
        }

        /// What the first run hands back comes to the second one, which handles it beside its own orders.
        @Test func whatAnInterruptedRunHasLeftIsNotCounted() async throws {
            try await RedisServer.with { server in
                let first = try start("Orders", ["600"], server)
                try await first.complaint { $0.contains("A handler failed") }
                first.send(SIGTERM)
                #expect(try await first.exit().code == 0)
                #expect(first.complaints.last?.hasPrefix("interrupted: ") == true)
                let second = try start("Orders", [], server)
                #expect(try await second.exit(within: .seconds(60)).code == 0)
                let summary = try OrdersSummary(of: second)
                #expect(summary.published == 20)
                #expect(summary.handled == 59)
                #expect(summary.deadLettered == 1)
                #expect(summary.lost == 0)
            }
        }

        @Test func webhooksKeepTheirOrderInEveryRun() async throws {
            try await RedisServer.with { server in
                var bytes: Set<Int> = []
                for run in 1...2 {
                    let child = try start("Webhooks", ["--sample", "700"], server)
                    #expect(try await child.exit().code == 0)
                    let summary = try WebhooksSummary(of: child)
                    #expect(summary.published == 700)
                    #expect(summary.handled == 700)
                    #expect(summary.kinds == 7)
                    #expect(summary.keys == 5)
                    #expect(summary.isClean)
                    #expect(summary.provider == "redis-streams")
                    bytes.insert(summary.bytes)
                    var stored = 0
                    for kind in ["issue_comment", "issues", "pull_request", "push", "release", "star", "workflow_run"] {
                        stored += try await server.command("XLEN", "github.\(kind)").integer ?? 0
                        #expect(try await server.pendingCount("github.\(kind)", "tally") == 0)
                    }
                    #expect(stored == run * 700)
                }
                #expect(bytes.count == 1)
            }
        }

        @Test func withoutAnEnvironmentAnExampleRunsOnItsServer() async throws {
            try await RedisServer.with { server in
                let environment = ["STREAMBROKER_ENV": "", "REDIS_URL": server.url]
                let child = try ChildProcess("Orders", ["4"], environment: environment)
                #expect(try await child.exit().code == 0)
                #expect(try OrdersSummary(of: child).provider == "redis-streams")
                #expect(try await server.command("XLEN", "orders").integer == 4)
            }
        }

        @Test(arguments: ["Orders", "Webhooks", "LiveFeed"])
        func productionHasToBeToldItsServer(example: String) async throws {
            let child = try ChildProcess(
                example, example == "Webhooks" ? ["--sample", "1"] : [],
                environment: ["STREAMBROKER_ENV": "production", "REDIS_URL": ""])
            #expect(try await child.exit().code == 78)
            #expect(child.lines == [])
            #expect(child.complaints.first?.hasSuffix("set REDIS_URL in production") == true)
        }

        private func start(_ example: String, _ arguments: [String], _ server: RedisServer) throws -> ChildProcess {
            try ChildProcess(
                example, arguments, environment: ["STREAMBROKER_ENV": "production", "REDIS_URL": server.url + "/0"])
        }

        /// The fields of the first entry of a reply.
        private func fields(of entries: RedisReply) -> [String: String] {
            let list = entries.elements[0]?.elements[1]?.elements.map { $0.string ?? "" } ?? []
            let pairs = stride(from: 0, to: list.count - 1, by: 2).map { (list[$0], list[$0 + 1]) }
            return Dictionary(pairs) { first, _ in first }
        }
    }
}
