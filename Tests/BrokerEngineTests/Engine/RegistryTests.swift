// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct RegistryTests {
    @Test func handlersCanBeAddedAndRemovedWhileRunning() async throws {
        let search = StreamConfiguration("searches", groups: [GroupConfiguration("index", .test())])
        let bench = try EngineBench(.test(), streams: [search])
        let seen = Journal<String>()
        try await bench.run {
            let id = try bench.registry.add(
                StreamHandler("searches", group: "index") { delivery in
                    await bench.pass(.seconds(5))
                    seen.append(delivery.text)
                })
            try await bench.registry.publish(Message("a"), to: "searches")
            await bench.pass(.seconds(1))
            await bench.registry.remove(id)
            #expect(seen.all == ["a"], "a removal waits for what runs")
            try await bench.registry.publish(Message("b"), to: "searches")
            await bench.pass(.seconds(60))
            #expect(seen.all == ["a"])
            try bench.registry.add(StreamHandler("searches", group: "index") { seen.append($0.text + " again") })
            await bench.pass(.seconds(1))
        }
        #expect(seen.all == ["a", "b again"])
    }

    @Test func aHandlerThatDoesNotFitCannotBeAddedWhileRunning() async throws {
        let bench = try EngineBench(.test())
        bench.handle { _ in }
        try await bench.run {
            #expect(throws: ConfigurationError.self) {
                try bench.registry.add(StreamHandler("orders", group: "billing") { _ in })
            }
            #expect(throws: ConfigurationError.self) {
                try bench.registry.add(StreamHandler("orders", group: "nobody") { _ in })
            }
        }
    }

    @Test func aRegistryRunsOnce() async throws {
        let bench = try EngineBench(.test())
        try await bench.run {}
        await #expect(throws: BrokerError.self) { try await bench.registry.run() }
    }

    @Test func aGroupThatCannotBeJoinedIsTriedAgain() async throws {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let bench = try EngineBench(.test(), time: time, provider: provider)
        bench.handle { _ in }
        let down = BrokerError(.connection, "down", isRetryable: true)
        provider.subscribing.next(.failure(down), .failure(down))
        try await bench.run {
            await bench.pass(.milliseconds(10))
            #expect(await bench.registry.health().map(\.status) == [.degraded])
            await bench.pass(.seconds(5))
            #expect(provider.subscriptions.count == 1)
            #expect(await bench.registry.health().map(\.status) == [.healthy])
        }
    }
}
