// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
import BrokerCore
import BrokerTestKit
import Logging
import RedisTestSupport
import StreamBroker
import Testing

/// Two processes of one group that keeps an order find each other on the server.
@Suite(.inRealTime, .timeLimit(.minutes(3))) struct SharedOrderTests {
    private func registry(on server: RedisServer, _ recorder: EventRecorder) throws -> BrokerRegistry {
        let url = ConfigurationNode.Entry(key: "url", node: ConfigurationNode(.scalar(server.url, isQuoted: true)))
        let broker = BrokerConfiguration(
            "events", provider: "redis-streams", options: ConfigurationNode(.map([url])))
        let group = GroupConfiguration("billing", ConsumerOptions(concurrency: 1, prefetch: 0, ordering: .key))
        return try BrokerRegistry(
            BrokersConfiguration(brokers: [broker], streams: [StreamConfiguration("orders", groups: [group])]),
            observers: [recorder], logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() })
    }

    private func others(_ recorder: EventRecorder) -> [ConsumerName] {
        recorder.events.flatMap { event -> [ConsumerName] in
            if case .orderShared(_, let others) = event { others } else { [] }
        }
    }

    private func own(_ recorder: EventRecorder) -> [ConsumerName] {
        recorder.events.compactMap { if case .subscribed(let consumer) = $0 { consumer.consumer } else { nil } }
    }

    /// The engine looks 15 s after its start; each consumer has to have received something by then.
    @Test func eachOfTwoConsumersIsToldOfTheOther() async throws {
        try await RedisServer.with { server in
            let recorders = [EventRecorder(), EventRecorder()]
            let registries = try recorders.map { try registry(on: server, $0) }
            for registry in registries { registry.handle("orders", group: "billing") { _ in } }
            try await withThrowingDiscardingTaskGroup { group in
                for registry in registries { group.addTask { try await registry.run() } }
                try await eventually("both are told", within: .seconds(120)) {
                    _ = await registries[0].publish(batch: [Message("a"), Message("b")], to: "orders")
                    return recorders.allSatisfy { !others($0).isEmpty }
                }
                for registry in registries { registry.drain() }
            }
            #expect(others(recorders[0]) == own(recorders[1]))
            #expect(others(recorders[1]) == own(recorders[0]))
        }
    }
}
