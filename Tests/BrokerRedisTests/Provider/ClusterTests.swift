// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// A server that is the only node of a cluster: it has all slots, and takes only what lies in one of them together.
@Suite(.inRealTime) struct ClusterTests {
    @Test func aPatternWithinOneSlotConsumesItsStreams() async throws {
        try await withNode { server, provider in
            for name in ["{agent}.one", "{agent}.two"] { try await server.publish(["x"], to: name) }
            let subscription = try await join("{agent}.*", provider)
            var streams: Set<StreamName> = []
            try await eventually("both streams") {
                let messages = try await subscription.receive(10, wait: .milliseconds(500))
                _ = try await subscription.settle(messages, .ack)
                streams.formUnion(messages.map(\.receipt.stream))
                return streams.count == 2
            }
            await subscription.close()
        }
    }

    @Test func aPatternOverSeveralSlotsIsRefusedWithAnAdvice() async throws {
        try await withNode { server, provider in
            for name in ["agent.one", "agent.two"] { try await server.publish(["x"], to: name) }
            let error = await #expect(throws: BrokerError.self) { try await join("agent.*", provider) }
            #expect(error?.code == .unsupported && error?.isRetryable == false)
            #expect(
                error?.message == "the server is a node of a cluster, where the streams of 'agent.*' lie in different "
                    + "slots; write redis+cluster:// in place of redis:// in 'url', or name them with one hash tag, such "
                    + "as '{agents}.one'")
        }
    }

    @Test func aStreamByItsNameIsConsumedAfterAWarning() async throws {
        try await withNode { server, provider in
            try await server.publish(["x"], to: "orders")
            let subscription = try await join("orders", provider)
            let messages = try await subscription.receive(1, wait: .seconds(5))
            #expect(try await subscription.settle(messages, .ack).count == 1)
            await subscription.close()
        }
    }

    private func join(
        _ selection: String, _ provider: RedisStreamsProvider
    ) async throws(BrokerError) -> any BrokerSubscription {
        try await provider.subscribe(
            SubscriptionRequest(
                StreamSelection(selection), group: "billing", consumer: "one", start: .earliest,
                visibility: .seconds(30)))
    }

    private func withNode(_ body: (RedisServer, RedisStreamsProvider) async throws -> Void) async throws {
        try await RedisServer.withCluster { server in
            let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.url)))
            let provider = try RedisStreamsProvider(options, clock: EngineThread.shared, logger: LogLines().logger)
            do {
                try await body(server, provider)
            } catch {
                await provider.close()
                throw error
            }
            await provider.close()
        }
    }
}
