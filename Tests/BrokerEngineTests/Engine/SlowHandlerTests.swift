// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import Testing

/// A handler that runs for long is seen: in the log, by observers, in `health()` and in `stats()`.
@Suite(.timeLimit(.minutes(1))) struct SlowHandlerTests {
    @Test func theLogSaysHowLongItRunsEverMoreRarely() async throws {
        let lines = Journal<String>()
        let bench = try EngineBench(.test(warnAfter: .seconds(5)), logger: LineLog.logger(lines))
        bench.handle { _ in await bench.pass(.seconds(30)) }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
        }
        let advice = "'timeout' has such a handler cancelled, and a longer 'warn-after' keeps this line away"
        let message = "orders 1700000000000-0 in group billing, attempt 1"
        #expect(
            lines.all.filter { $0.hasPrefix("warning") } == [
                "warning: A handler has been running for 5 s: \(message); \(advice)",
                "warning: A handler has been running for 10 s: \(message); \(advice)",
                "warning: A handler has been running for 20 s: \(message); \(advice)",
            ])
    }

    @Test func observersAreToldWhichAndHowLong() async throws {
        let bench = try EngineBench(.test(visibility: .seconds(3)))
        bench.handle { _ in await bench.pass(.seconds(20)) }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
        }
        let told = bench.events.all.compactMap { event in
            if case .handlerSlow(let delivery, let running) = event { "\(delivery.id) \(running)" } else { nil }
        }
        #expect(told == ["1700000000000-0 9.0 seconds", "1700000000000-0 18.0 seconds"])
    }

    @Test func healthNamesTheOldestHandlerAndIsDegradedOnceItRunsForLong() async throws {
        let bench = try EngineBench(.test(warnAfter: .seconds(60)))
        bench.handle { delivery in await bench.pass(delivery.text == "slow" ? .seconds(100) : .seconds(10)) }
        try await bench.run {
            #expect(await bench.registry.health().first?.oldestHandler == nil)
            try await bench.publish("slow")
            await bench.pass(.seconds(1))
            try await bench.publish("quick")
            await bench.pass(.seconds(1))
            let early = try #require(await bench.registry.health().first)
            #expect(early.oldestHandler?.message == MessageID("1700000000000-0"))
            #expect(early.oldestHandler?.running == .seconds(2))
            #expect(early.oldestHandler?.group == "billing")
            #expect(early.status == .healthy && early.reasons == [])
            await bench.pass(.seconds(88))
            let late = try #require(await bench.registry.health().first)
            #expect(late.status == .degraded && late.isReady)
            #expect(
                late.reasons == [
                    "a handler of orders/billing has been running for 90 s: message 1700000000000-0 of orders"
                ])
            await bench.pass(.seconds(11))
            #expect(await bench.registry.health().first?.status == .healthy)
            #expect(await bench.registry.health().first?.oldestHandler == nil)
        }
    }

    @Test func statisticsNameTheOldestHandlerOfEachGroupAndStream() async throws {
        let bench = try EngineBench(
            .test(), streams: [StreamConfiguration("agent.*", groups: [GroupConfiguration("inbox")])])
        bench.handle { _ in }
        bench.registry.handle("agent.*", group: "inbox") { _ in await bench.pass(.seconds(50)) }
        try await bench.run {
            for stream in ["agent.a", "agent.b"] as [StreamName] {
                try await bench.registry.publish(Message("x"), to: stream)
                await bench.pass(.seconds(3))
            }
            let oldest = try await bench.registry.stats().flatMap { stream in
                stream.groups.compactMap(\.oldestHandler).map { "\(stream.stream) \($0.message) \($0.running)" }
            }
            #expect(
                oldest.sorted() == [
                    "agent.a 1700000000000-0 6.0 seconds", "agent.b 1700000003000-0 3.0 seconds",
                ])
        }
    }
}
