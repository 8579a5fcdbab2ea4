// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Testing

/// What a registry tells about itself.
@Suite(.timeLimit(.minutes(1))) struct InspectTests {
    @Test func countsWhatStreamsHold() async throws {
        let begun = Seen<Int>()
        let proceed = WakeSignal()
        let registry = try RegistryFixture.orders()
        let statistics = try await withBrokerRegistry(registry) { registry in
            registry.handle("orders", group: "workers") { delivery in
                begun.add(delivery.attempt)
                await proceed.wait()
            }
        } body: { registry in
            #expect(try await registry.stats() == [])
            try await registry.publish(1, to: "orders")
            await begun.wait(for: 1)
            defer { proceed.raise() }
            return try await registry.stats()
        }
        let orders = try #require(statistics.first)
        #expect(statistics.count == 1)
        #expect(orders.stream == "orders")
        #expect(orders.length == 1)
        let workers = try #require(orders.groups.first { $0.name == "workers" })
        #expect(workers.pending == 1)
        #expect(workers.parked == 0)
        #expect(workers.lag == 0)
        #expect(workers.oldestPendingAge.map { $0 >= .zero } == true)
        #expect(workers.consumers == 1)
    }

    @Test func whatAProviderCannotTellIsNilAndNeverZero() async throws {
        let brokers = [BrokerConfiguration("live", provider: "live-only")]
        let registry = try RegistryFixture.registry(
            [StreamConfiguration("orders", guarantee: .atMostOnce, groups: [GroupConfiguration("workers")])],
            brokers: brokers, providers: [FakeFactory.live])
        let orders = try #require(try await registry.stats().first)
        #expect(orders.length == nil)
        let workers = try #require(orders.groups.first)
        #expect(workers.name == "workers")
        #expect(workers.pending == nil)
        #expect(workers.parked == nil)
        #expect(workers.lag == nil)
        #expect(workers.oldestPendingAge == nil)
        #expect(workers.consumers == nil)
    }

    @Test func healthFollowsTheLifeOfTheRegistry() async throws {
        let registry = try RegistryFixture.orders()
        let fresh = try #require(await registry.health().first)
        #expect(fresh.broker == "events")
        #expect(fresh.provider == "memory")
        #expect(fresh.status == .healthy)
        #expect(fresh.isReady)
        #expect(fresh.reasons == [])
        try await withBrokerRegistry(registry) { _ in }
        let ended = try #require(await registry.health().first)
        #expect(ended.status == .down)
        #expect(!ended.isReady)
        #expect(ended.reasons == ["closed", "the registry has ended"])
        let again = try #require(await registry.health().first)
        #expect(again.since == ended.since)
        let error = await #expect(throws: BrokerError.self) { try await registry.stats() }
        #expect(error?.code == .closed)
    }

    @Test func aDrainIsToldAsSuch() async throws {
        let begun = Seen<Int>()
        let registry = try RegistryFixture.orders()
        let proceed = WakeSignal()
        try await withBrokerRegistry(registry) { registry in
            registry.handle("orders", group: "workers") { delivery in
                begun.add(delivery.attempt)
                await proceed.wait()
            }
        } body: { registry in
            try await registry.publish(1, to: "orders")
            await begun.wait(for: 1)
            registry.drain()
            let health = try #require(await registry.health().first)
            #expect(health.status == .degraded)
            #expect(!health.isReady)
            #expect(health.reasons == ["the registry is shutting down"])
            proceed.raise()
        }
    }
}
