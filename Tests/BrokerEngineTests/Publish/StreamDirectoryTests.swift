// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct StreamDirectoryTests {
    private let directory = StreamDirectory(
        BrokersConfiguration(
            brokers: [
                BrokerConfiguration("events", provider: "memory"), BrokerConfiguration("live", provider: "memory"),
            ],
            defaultBroker: "events",
            defaults: ConsumerOptions(concurrency: 3),
            streams: [
                StreamConfiguration(
                    "orders", options: ConsumerOptions(prefetch: 7),
                    groups: [
                        GroupConfiguration("billing", ConsumerOptions(prefetch: 9)),
                        GroupConfiguration("search", ConsumerOptions(deadLetterStream: "unsearchable")),
                    ]),
                StreamConfiguration("ticks", broker: "live"),
                StreamConfiguration("agent.*", groups: [GroupConfiguration("inbox")]),
                StreamConfiguration("agent.special"),
            ]))

    @Test func aStreamLivesInItsOwnOrTheDefaultBroker() {
        #expect(directory.declaration(of: "orders" as StreamName)?.broker == "events")
        #expect(directory.declaration(of: "ticks" as StreamName)?.broker == "live")
    }

    @Test func whatIsNotDeclaredIsNotFound() {
        #expect(directory.declaration(of: "order" as StreamName) == nil)
        #expect(directory.declaration(of: "order:dead" as StreamName) == nil)
        #expect(directory.declaration(of: "{order}:dead" as StreamName) == nil)
    }

    @Test func aNameOfItsOwnComesBeforeAPattern() {
        #expect(directory.declaration(of: "agent.special" as StreamName)?.stream.selection.text == "agent.special")
        #expect(directory.declaration(of: "agent.seven" as StreamName)?.stream.selection.text == "agent.*")
        #expect(directory.declaration(of: StreamSelection("agent.*"))?.stream.selection.text == "agent.*")
    }

    @Test(arguments: ["{orders}:dead", "unsearchable", "{agent.seven}:dead", "{ticks}:dead"])
    func deadLettersOfDeclaredStreamsCountAsDeclared(_ name: String) {
        #expect(directory.declaration(of: StreamName(name))?.holdsDeadLetters == true)
    }

    @Test(arguments: ["{orders}:dead", "*:dead"])
    func aDeclaredStreamOfDeadLettersHoldsThemAndTakesItsOwnGroupsAlone(_ name: String) throws {
        let directory = StreamDirectory(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "memory")],
                streams: [
                    StreamConfiguration("orders", options: ConsumerOptions(deadLetterStream: "elsewhere")),
                    StreamConfiguration(name, groups: [GroupConfiguration("alarm", ConsumerOptions(prefetch: 2))]),
                ]))
        let dead = try #require(directory.declaration(of: StreamSelection(name)))
        #expect(dead.holdsDeadLetters)
        #expect(directory.settings(of: "alarm", in: dead)?.prefetch == 2)
        #expect(directory.settings(of: "anybody", in: dead) == nil)
    }

    @Test func deadLettersHaveTheLayoutOfTheStreamThatTheyComeFrom() {
        let directory = StreamDirectory(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "memory")],
                streams: [
                    StreamConfiguration(
                        "payments", body: .field("payload"), options: ConsumerOptions(deadLetterStream: "failures")),
                    StreamConfiguration("failures"),
                    StreamConfiguration("legacy", body: .raw, options: ConsumerOptions(deadLetterStream: "sealed")),
                    StreamConfiguration("sealed", body: .standard),
                    StreamConfiguration("agent.*", body: .fields), StreamConfiguration("agent.ours"),
                ]))
        #expect(directory.layout(of: "failures") == .field("payload"))
        #expect(directory.layout(of: "sealed") == .standard)
        #expect(directory.layout(of: "{agent.seven}:dead") == .fields)
        #expect(directory.layout(of: "{agent.ours}:dead") == .standard)
        #expect(directory.layout(of: "unknown") == .standard)
        let layouts = directory.layouts(of: StreamSelection("agent.*"))
        #expect(layouts.layout(of: "agent.seven") == .fields && layouts.layout(of: "agent.ours") == .standard)
    }

    @Test func theNearestPlaceThatSaysANumberWins() throws {
        let orders = try #require(directory.declaration(of: "orders" as StreamName))
        #expect(directory.settings(of: "billing", in: orders)?.prefetch == 9)
        #expect(directory.settings(of: "search", in: orders)?.prefetch == 7)
        #expect(directory.settings(of: "billing", in: orders)?.concurrency == 3)
        #expect(directory.settings(of: "unknown", in: orders) == nil)
    }

    @Test func anUndeclaredStreamOfDeadLettersTakesAnyGroup() throws {
        let dead = try #require(directory.declaration(of: "{orders}:dead" as StreamName))
        #expect(directory.settings(of: "anybody", in: dead)?.concurrency == 3)
    }
}
