// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import BrokerTestKit
import Testing

/// Where messages go whose streams are named by a pattern, for more names than are remembered.
@Suite(.timeLimit(.minutes(1))) struct PublishRouterTests {
    private func makeRegistry() throws -> BrokerRegistry {
        let configuration = BrokersConfiguration(
            brokers: [
                BrokerConfiguration("events", provider: "memory"), BrokerConfiguration("live", provider: "memory"),
            ],
            defaultBroker: "events",
            streams: [
                StreamConfiguration("agent.special", broker: "live", maximumPayload: 9),
                StreamConfiguration("agent.*", maximumPayload: 5), StreamConfiguration("tick.*", broker: "live"),
            ])
        return try BrokerRegistry(
            configuration: configuration, providers: [MemoryProviderFactory()], codec: TextCodec())
    }

    @Test func aMillionNamesDoNotGrowTheCacheWithoutEnd() {
        var cache = RouteCache<Int>()
        var greatest = 0
        for number in 0..<1_000_000 {
            let stream = StreamName("agent.\(number)")
            _ = cache.insert(number, for: stream)
            greatest = max(greatest, cache.count)
            guard cache[stream] == number else {
                Issue.record("the newest route is not there: \(number)")
                return
            }
        }
        #expect(greatest == RouteCache<Int>.maximum)
    }

    @Test func aFullCacheReturnsWhatItDrops() {
        var cache = RouteCache<Int>()
        for number in 0..<RouteCache<Int>.maximum {
            #expect(cache.insert(number, for: StreamName("\(number)")).isEmpty)
        }
        #expect(cache.insert(0, for: "one more").count == RouteCache<Int>.maximum)
        #expect(cache.count == 1)
        #expect(cache["one more"] == 0)
        #expect(cache["7"] == nil)
    }

    @Test func aStreamHasOneRouteHoweverManyNamesCameBetween() async throws {
        let registry = try makeRegistry()
        await withDiscardingTaskGroup { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0..<15_000 {
                        let kind = number.isMultiple(of: 2) ? "agent" : "tick"
                        let name = StreamName("\(kind).\(number % 6_000)-\(task)")
                        let broker = try? registry.broker(of: name).name
                        #expect(broker == (kind == "agent" ? "events" : "live"))
                        #expect((try? registry.broker(of: "agent.special"))?.name == "live")
                    }
                }
            }
        }
    }

    @Test func aRouteThatIsRememberedKeepsTheRulesOfItsStream() async throws {
        let registry = try makeRegistry()
        for _ in 1...2 {
            #expect(try await registry.publish(Message("12345"), to: "agent.seven").id > .zero)
            let refused = await #expect(throws: BrokerError.self) {
                try await registry.publish(Message("123456"), to: "agent.seven")
            }
            #expect(refused?.code == .payloadTooLarge)
            #expect(refused?.message.hasPrefix("a body for agent.seven may have 5 bytes") == true)
            #expect(try await registry.publish(Message("123456789"), to: "agent.special").id > .zero)
            let unknown = await #expect(throws: BrokerError.self) {
                try await registry.publish(Message("1"), to: "agents")
            }
            #expect(unknown?.code == .undeclaredStream)
        }
    }
}
