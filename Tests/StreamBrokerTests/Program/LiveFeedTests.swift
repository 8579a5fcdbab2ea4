// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
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
    /// The example of a live feed, in one process and in several.
    @Suite struct LiveFeedTests {
        @Test func endsByItselfWithATableAndALineOfJSON() async throws {
            let child = try ChildProcess(example: "LiveFeed", [])
            #expect(try await child.exit().code == 0)
            #expect(child.lines.count == 1)
            let summary = try LiveFeedSummary(of: child)
            #expect(summary == LiveFeedSummary(published: 200, provider: "memory"))
            for symbol in ["ash", "birch", "cedar", "elm"] {
                #expect(child.complaints.contains { $0.hasPrefix(symbol) })
            }
        }

        @Test func noPricesEndAtOnce() async throws {
            let child = try ChildProcess(example: "LiveFeed", ["0"])
            #expect(try await child.exit().code == 0)
            #expect(try LiveFeedSummary(of: child) == LiveFeedSummary(published: 0, provider: "memory"))
        }

        @Test func everyProcessSeesEveryPrice() async throws {
            try await RedisServer.with { server in
                let environment = ["STREAMBROKER_ENV": "production", "REDIS_URL": server.url]
                let watchers = try (0..<2).map { _ in
                    try ChildProcess("LiveFeed", ["watch"], environment: environment)
                }
                try await eventually("both watch") { try await server.command("PUBSUB", "NUMPAT").integer == 1 }
                try await eventually("two connections watch") {
                    let clients = try await server.command("CLIENT", "LIST", "TYPE", "pubsub").string ?? ""
                    return clients.split(separator: "\n").count { $0.contains("psub=1 ") } == 2
                }
                let publisher = try ChildProcess("LiveFeed", ["1000"], environment: environment)
                #expect(try await publisher.exit(within: .seconds(60)).code == 0)
                let expected = LiveFeedSummary(published: 1000, provider: "redis-pubsub")
                #expect(try LiveFeedSummary(of: publisher) == expected)
                for watcher in watchers {
                    #expect(try await watcher.exit(within: .seconds(60)).code == 0)
                    var summary = try LiveFeedSummary(of: watcher)
                    #expect(summary.published == 0)
                    summary.published = 1000
                    #expect(summary == expected)
                }
            }
        }

        @Test func aWatcherThatIsInterruptedShowsWhatItHas() async throws {
            try await RedisServer.with { server in
                let environment = ["STREAMBROKER_ENV": "production", "REDIS_URL": server.url]
                let child = try ChildProcess("LiveFeed", ["watch"], environment: environment)
                try await eventually("it watches") { try await server.command("PUBSUB", "NUMPAT").integer == 1 }
                try await server.command(
                    "PUBLISH", "prices.oak", #"{"symbol":"oak","number":7,"cents":4200}"#)
                child.send(SIGTERM)
                #expect(try await child.exit().code == 0)
                #expect(child.lines == [])
                #expect(child.complaints.last?.hasPrefix("interrupted: ") == true)
            }
        }

        @Test func thereIsNothingToWatchInMemory() async throws {
            let child = try ChildProcess(example: "LiveFeed", ["watch"])
            #expect(try await child.exit().code == 64)
            #expect(child.complaints.last?.hasPrefix("error: there is nothing to watch in memory") == true)
        }

        @Test(arguments: [["many"], ["-1"], ["1", "2"], ["1000001"], [""]])
        func aWrongArgumentShowsTheUsage(arguments: [String]) async throws {
            let child = try ChildProcess(example: "LiveFeed", arguments)
            #expect(try await child.exit().code == 64)
            #expect(child.lines == [])
            #expect(
                child.complaints == ["usage: LiveFeed [NUMBER OF PRICES | watch]    from 0 to 1000000, by default 200"])
        }
    }
}

/// The line of JSON.
private struct LiveFeedSummary: Decodable, Equatable {
    var published, received, missed, alarms, retried: Int
    var provider: String

    /// What a process that missed nothing says: every tenth price of each of four symbols is an alarm, at its second
    /// attempt.
    init(published: Int, provider: String) {
        self.published = published
        received = published
        missed = 0
        alarms = published / 4 / 10 * 4
        retried = alarms
        self.provider = provider
    }

    init(of child: ChildProcess) throws {
        let line = try #require(child.lines.last)
        self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
    }
}
