// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// What must not be interrupted runs to its end in a cancelled task, also while there is no connection.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct CancelledCallsTests {
    @Test func publishingWaitsForTheServer() async throws {
        try await ProviderFixture.with { options in
            options.connection.connectTimeout = .seconds(20)
        } _: { fixture in
            try await fixture.publish(1, to: "orders")
            let results = try await whileAway(fixture.server) {
                await fixture.provider.publish(PublishBatch([.init(stream: "orders", message: Message("late"))]))
            }
            #expect(throws: Never.self) { try results.map { try $0.get() } }
        }
    }

    @Test func publishingLiveWaitsForTheServer() async throws {
        try await PubSubFixture.with { fixture in
            try await fixture.publish(["early"], to: "orders")
            let results = try await whileAway(fixture.server) {
                await fixture.provider.publish(PublishBatch([.init(stream: "orders", message: Message("late"))]))
            }
            #expect(throws: Never.self) { try results.map { try $0.get() } }
        }
    }

    @Test func settlingAndExtendingConnectAnew() async throws {
        try await ProviderFixture.with { fixture in
            try await fixture.publish(2, to: "orders")
            let subscription = try await fixture.provider.subscribe(
                .init(.stream("orders"), group: "billing", consumer: "one"))
            let messages = try await subscription.receive(2, wait: .seconds(5))
            try await killConnections(fixture)
            let extended = try await inACancelledTask { try await subscription.extend(messages.map(\.receipt)) }
            #expect(extended.count == 2)
            try await killConnections(fixture)
            let settled = try await inACancelledTask { try await subscription.settle(messages, .ack) }
            #expect(settled.count == 2)
            #expect(try await fixture.server.pendingCount("orders", "billing") == 0)
        }
    }

    @Test func leavingConnectsAnew() async throws {
        try await ProviderFixture.with { fixture in
            let subscription = try await fixture.provider.subscribe(
                .init(.stream("orders"), group: "billing", consumer: "one"))
            try await fixture.publish(1, to: "orders")
            let messages = try await subscription.receive(1, wait: .seconds(5))
            #expect(try await subscription.settle(messages, .ack).count == 1)
            try await killConnections(fixture)
            try await inACancelledTask { await subscription.close() }
            let consumers = try await fixture.server.command("XINFO", "CONSUMERS", "orders", "billing").elements
            #expect(consumers.count == 0)
        }
    }

    /// Ends every connection of the provider, and gives it the time to notice.
    private func killConnections(_ fixture: ProviderFixture) async throws {
        try await fixture.server.command("CLIENT", "KILL", "TYPE", "normal")
        try await Calm.pass(.milliseconds(200))
    }

    /// Runs `body` in a cancelled task while the server is away, which comes back meanwhile.
    private func whileAway<Answer: Sendable>(
        _ server: RedisServer, _ body: @escaping @Sendable () async -> Answer
    ) async throws -> Answer {
        await server.kill()
        try await Calm.pass(.milliseconds(200))
        async let answer = inACancelledTask(body)
        try await Calm.pass(.milliseconds(500))
        try await server.start()
        return try await answer
    }
}
