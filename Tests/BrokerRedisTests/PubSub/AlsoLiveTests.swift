// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// Durable and live at once: stored first, then broadcast.
@Suite(.inRealTime) struct AlsoLiveTests {
    private static func registry(
        _ server: RedisServer, live url: String, _ recorder: EventRecorder
    ) throws -> BrokerRegistry {
        func option(_ text: String) -> ConfigurationNode {
            ConfigurationNode(.map([.init(key: "url", node: ConfigurationNode(.scalar(text, isQuoted: true)))]))
        }
        let configuration = BrokersConfiguration(
            brokers: [
                BrokerConfiguration("events", provider: "redis-streams", options: option(server.url)),
                BrokerConfiguration("live", provider: "redis-pubsub", options: option(url)),
            ],
            defaultBroker: "events", streams: [StreamConfiguration("orders", also: "live")])
        return try BrokerRegistry(
            configuration: configuration, providers: BrokerRegistry.builtInProviders, codec: JSONMessageCodec(),
            observers: [recorder], logger: Logger(label: "also"))
    }

    @Test func whatIsStoredIsBroadcastToWhoeverWatches() async throws {
        try await PubSubFixture.with { fixture in
            let registry = try Self.registry(fixture.server, live: fixture.server.url, EventRecorder())
            let subscription = try await fixture.join("orders")
            let id = try await registry.publish(Message("1", key: "k", headers: ["a": "b"]), to: "orders").id
            _ = await registry.publish(batch: [Message("2"), Message("3")], to: "orders")
            #expect(try await fixture.collect(3, from: subscription) == ["1", "2", "3"])
            let stored = try await fixture.server.command("XRANGE", "orders", "-", "+").elements
            #expect(stored.count == 3)
            #expect(stored[0]?.elements[0]?.string == id.description)
            await registry.close()
        }
    }

    @Test func aBroadcastThatFailsIsAnEventAndNothingMore() async throws {
        try await RedisServer.with { server in
            try await RedisServer.with { second in
                let recorder = EventRecorder()
                let registry = try Self.registry(server, live: second.url, recorder)
                try await second.command("CONFIG", "SET", "requirepass", "secret")
                try await registry.publish(Message("1"), to: "orders")
                #expect(try await server.command("XLEN", "orders").integer == 1)
                let failures = recorder.events.filter { event in
                    if case .broadcastFailed("live", "orders", _) = event { true } else { false }
                }
                #expect(failures.count == 1)
                await registry.close()
            }
        }
    }
}
