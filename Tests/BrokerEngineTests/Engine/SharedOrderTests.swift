// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import BrokerTestKit
import Testing

/// What an order promises with one consumer and with several: two processes on one backend, on virtual time.
@Suite(.timeLimit(.minutes(1))) struct SharedOrderTests {
    private let provider: MemoryProvider
    private let first: EngineBench
    private let second: EngineBench
    private let seen = Journal<String>()

    init() throws {
        let time = VirtualTime()
        let options = ConsumerOptions.test(concurrency: 4, prefetch: 0, ordering: .key)
        provider = MemoryProvider(clock: time.clock)
        first = try EngineBench(options, time: time, provider: provider)
        second = try EngineBench(options, time: time, provider: provider)
        for bench in [first, second] {
            // A handler takes as many seconds as its message says.
            bench.handle { [seen] delivery in
                seen.append(delivery.text)
                await bench.pass(.seconds(Int(delivery.text.split(separator: " ")[1]) ?? 0))
                seen.append("\(delivery.text) ended")
            }
        }
    }

    @Test func oneConsumerKeepsTheOrderOfAKey() async throws {
        try await first.run {
            for text in ["a 5", "a 1"] { try await first.publish(text, key: "a") }
            await first.pass(.seconds(30))
        }
        #expect(seen.all == ["a 5", "a 5 ended", "a 1", "a 1 ended"])
    }

    @Test func aSecondConsumerOvertakesWithinAKey() async throws {
        try await first.run {
            try await first.publish("a 5", key: "a")
            await first.pass(.seconds(1))
            // The first consumer holds as many as it may.
            for text in ["b 9", "c 9", "d 9"] { try await first.publish(text, key: text) }
            await first.pass(.seconds(1))
            try await first.publish("a 1", key: "a")
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await second.registry.run() }
                await first.pass(.seconds(30))
                second.registry.drain()
            }
        }
        #expect(seen.all.filter { $0.hasPrefix("a") } == ["a 5", "a 1", "a 1 ended", "a 5 ended"])
    }

    private func join(_ group: GroupName = "billing") async throws -> any BrokerSubscription {
        try await provider.subscribe(SubscriptionRequest(.stream("orders"), group: group, consumer: "stranger"))
    }

    private func warnings(_ bench: EngineBench) -> [[ConsumerName]] {
        bench.events.all.compactMap { if case .orderShared(_, let others) = $0 { others } else { nil } }
    }

    @Test func anotherConsumerIsToldOnceForEachAppearance() async throws {
        try await first.run {
            let early = try await join()
            await first.pass(.seconds(16))
            #expect(warnings(first) == [["stranger"]])
            await first.pass(.seconds(180))
            #expect(warnings(first).count == 1)
            await early.close()
            await first.pass(.seconds(60))
            let late = try await join()
            await first.pass(.seconds(60))
            #expect(warnings(first) == [["stranger"], ["stranger"]])
            await late.close()
        }
    }

    @Test func theConsumersOfOtherGroupsAndItsOwnAreNone() async throws {
        try await first.run {
            let other = try await join("search")
            await first.pass(.seconds(300))
            await other.close()
        }
        #expect(warnings(first) == [])
    }

    @Test func withoutAnOrderNobodyIsLookedFor() async throws {
        let bench = try EngineBench(.test(ordering: Ordering.none), time: first.time, provider: provider)
        bench.handle { _ in }
        try await bench.run {
            let other = try await join()
            await bench.pass(.seconds(300))
            await other.close()
        }
        #expect(warnings(bench) == [])
    }
}
