// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import Testing

/// What a person is told at the start that may not be meant so.
@Suite struct StartNotesTests {
    private let promises: [String: BrokerCapabilities] = [
        "memory": MemoryProvider.promises, "durable": [.sharedGroups, .redelivery, .durable, .crossProcess],
    ]

    private func configuration(
        _ provider: String, environment: String? = nil, retention: RetentionPolicy = RetentionPolicy()
    ) -> BrokersConfiguration {
        var orders = StreamConfiguration(
            "orders", groups: [GroupConfiguration("billing"), GroupConfiguration("search")])
        orders.retention = retention
        return BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: provider)], streams: [orders], environment: environment)
    }

    private func notes(
        _ configuration: BrokersConfiguration, _ groups: GroupName..., of selection: StreamSelection = .stream("orders")
    ) -> [String] {
        StartNotes(configuration, directory: StreamDirectory(configuration), promises: promises)
            .notes(handled: groups.map { (selection, $0) })
            .map { "\($0.isWarning ? "warning" : "info"): \($0.text)" }
    }

    @Test func nothingIsToldWhenEveryGroupHasAHandler() {
        #expect(notes(configuration("durable"), "billing", "search") == [])
    }

    @Test func groupsWithoutAHandlerAreNamed() {
        #expect(
            notes(configuration("durable"), "billing") == [
                "warning: Stream 'orders' has no handler here for the group 'search'; "
                    + "its messages wait until another process handles them"
            ])
        #expect(
            notes(configuration("memory"), "other") == [
                "warning: Stream 'orders' has no handler here for the groups 'billing', 'search'; "
                    + "no other process can handle its messages: register one, or take the group out"
            ])
    }

    @Test func whatHoldsAStreamOverItsBoundIsToldAtTheStart() {
        #expect(
            notes(configuration("durable", retention: RetentionPolicy(maximumLength: 1000)), "billing") == [
                "warning: Stream 'orders' has no handler here for the group 'search'; "
                    + "its messages wait until another process handles them. "
                    + "Meanwhile 'policy: hold' lets the stream grow beyond its bound"
            ])
        let cap = RetentionPolicy(maximumLength: 1000, mode: .cap)
        #expect(notes(configuration("durable", retention: cap), "billing").first?.contains("Meanwhile") == false)
    }

    @Test func aProgramWithoutHandlersIsToldSo() {
        #expect(
            notes(configuration("durable")) == [
                "info: No handler is registered: this process publishes and consumes nothing"
            ])
    }

    @Test func aHandlerOfAPatternCountsForItsDeclaration() {
        let agents = StreamConfiguration("agents.*", groups: [GroupConfiguration("watch")])
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "memory")], streams: [agents])
        #expect(notes(configuration, "watch", of: agents.selection) == [])
    }

    private static let overlays = [
        "development": "memory", "production": "durable",
    ]

    private func map(_ key: String, _ node: ConfigurationNode) -> ConfigurationNode {
        ConfigurationNode(.map([.init(key: key, node: node)]))
    }

    private func declared(_ base: String) -> DeclaredEnvironments {
        func tree(_ provider: String) -> ConfigurationNode {
            let broker = map("provider", ConfigurationNode(.scalar(provider, isQuoted: false)))
            return map("brokers", map("events", broker))
        }
        return DeclaredEnvironments(
            base: tree(base), overlays: Self.overlays.sorted { $0.key < $1.key }.map { ($0.key, tree($0.value)) })
    }

    @Test func whoChoosesNoEnvironmentIsToldWhichThereAre() {
        var configuration = configuration("durable")
        configuration.environments = declared("durable")
        #expect(
            notes(configuration, "billing", "search") == [
                "warning: No environment is chosen, so the base of the file holds, and it declares 'development', "
                    + "'production'; set STREAMBROKER_ENV, or pass 'environment:'"
            ])
        configuration.environment = "production"
        #expect(notes(configuration, "billing", "search") == [])
    }

    @Test func memoryIsToldWhereAnotherEnvironmentIsDurable() {
        var configuration = configuration("memory")
        configuration.environments = declared("memory")
        #expect(
            notes(configuration, "billing", "search").last
                == "warning: Broker 'events' is in memory and loses its messages with this process; "
                + "in the environment 'production' it is durable: set STREAMBROKER_ENV, or pass 'environment:'")
        configuration.environment = "development"
        configuration.environments = declared("durable")
        #expect(
            notes(configuration, "billing", "search") == [
                "info: Broker 'events' is in memory and loses its messages with this process, "
                    + "as the environment 'development' says; in the base of the file it is durable"
            ])
    }
}
