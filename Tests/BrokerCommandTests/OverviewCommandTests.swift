// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import Testing

/// The commands that look, on a real server.
@Suite(.timeLimit(.minutes(2))) struct OverviewCommandTests {
    private static let shop = [
        "XADD orders 1-1 data a", "XADD orders 2-1 data b", "XGROUP CREATE orders billing 0",
        "XADD {orders}:dead 3-1 data c",
    ]

    @Test func statusShowsWhatNeedsAttentionAndTheNextCommand() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let text = try await run("$sb status")
            #expect(text.contains("server\tredis-streams\thealthy\t1\t2\t1\tredis://"))
            #expect(text.contains("orders\tbilling\t2\t0\t0\t-\t0\n"))
            #expect(
                text.contains(
                    "critical\torders/billing has 2 entries to read, and no consumer\tstreambroker groups info orders "
                        + "billing\n"))
            #expect(text.contains("streambroker streams info '{orders}:dead'\nexit 0\n"))
            let json = try await run("$sb status --json")
            #expect(json.hasPrefix("{\"attention\":["))
            #expect(json.contains("\"schemaVersion\":1"))
            #expect(json.hasSuffix("}\nexit 0\n"))
        }
    }

    @Test func everyNextCommandIsOneThatThereIs() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let lines = try await run("$sb status").split(separator: "\n")
            let commands = lines.compactMap { $0.split(separator: "\t").last }.filter { $0.hasPrefix("streambroker ") }
            #expect(commands.count == 2)
            for command in commands {
                #expect(
                    try await run("$sb" + command.dropFirst("streambroker".count)).hasSuffix("exit 0\n"), "\(command)")
            }
        }
    }

    @Test func lagIsALineForEachGroup() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let list = try await run("$sb lag")
            #expect(
                list == """
                    stream\tgroup\tlag\tpending\tretry\toldest\tconsumers
                    orders\tbilling\t2\t0\t0\t-\t0
                    exit 0

                    """)
            #expect(
                try await run("$sb lag --json") == """
                    {"groups":[{"broker":"server","consumers":0,"exists":true,"group":"billing","isDeclared":false,\
                    "lag":2,"oldestHandlerMilliseconds":null,"oldestPendingAgeMilliseconds":null,"pending":0,\
                    "stream":"orders","waitingForRetry":0}],"schemaVersion":1}
                    exit 0

                    """)
            let wrong = try await run("$sb lag --interval nonsense")
            #expect(wrong.contains("'nonsense' is invalid for '--interval"))
            #expect(wrong.hasSuffix("exit 64\n"))
        }
    }

    @Test func watchingEndsWithAnInterruption() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let text = try await run("timeout --preserve-status -s INT 3 $sb lag --watch --interval 100ms")
            #expect(text.contains("change/s\tdrain\n"))
            #expect(text.contains("orders\tbilling\t2\t0\t0\t-\t0\t0\t-\n"))
            #expect(text.hasSuffix("exit 130\n"))
        }
    }

    @Test func streamsAreListedAndShown() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let list = try await run("$sb streams ls")
            #expect(
                list == """
                    broker\tstream\tlength\tgroups\tholds
                    server\torders\t2\t1\tmessages
                    server\t{orders}:dead\t1\t0\tdead letters
                    exit 0

                    """)
            #expect(
                try await run("$sb streams info orders | sed -n 2p")
                    == "orders\t2\t1-1\t1970-01-01T00:00:00.001Z\t2-1\t1970-01-01T00:00:00.002Z\nexit 0\n")
            #expect(try await run("$sb streams info orders --json").contains("\"firstID\":\"1-1\""))
            #expect(
                try await run("$sb streams info order")
                    == "error: broker 'server' has no stream 'order' yet; did you mean 'orders'?\nexit 64\n")
        }
    }

    @Test func groupsAreListedAndShown() async throws {
        try await CommandFixture.onServer(Self.shop) { run in
            let list = try await run("$sb groups ls orders")
            #expect(list.contains("orders\tbilling\t2\t0\t0\t-\t0\tundeclared\n"))
            #expect(try await run("$sb groups info orders billing --json").contains("\"oldestHandlerMessage\":null"))
            #expect(
                try await run("$sb groups info orders biling")
                    == "error: 'orders' has no group 'biling'; did you mean 'billing'?\nexit 64\n")
        }
    }

    @Test func aServerThatIsAwayEndsWithSixtyNine() async throws {
        let url = try await RedisServer.with { $0.url }
        let text = try await CommandFixture.run("$sb status --url \(url)")
        #expect(text.contains("server\tredis-streams\tdown\t-\t-\t-\t"))
        #expect(text.hasSuffix("exit 69\n"))
        #expect(try await CommandFixture.run("$sb lag --url \(url)").hasSuffix("exit 69\n"))
    }

    @Test func aPasswordInAnArgumentIsRefused() async throws {
        let text = try await CommandFixture.run("$sb status --url redis://:secret@127.0.0.1:1")
        #expect(text.contains("STREAMBROKER_URL"))
        #expect(!text.contains("secret"))
        #expect(text.hasSuffix("exit 64\n"))
    }

    @Test func aMissingFileEndsWithSixtySix() async throws {
        let text = try await CommandFixture.run("$sb status --file /no/such/brokers.yaml")
        #expect(text == "error: cannot read '/no/such/brokers.yaml': there is no such file\nexit 66\n")
    }
}
