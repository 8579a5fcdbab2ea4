// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import Logging
import RedisTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// On real time and real threads.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(1))) struct EngineThreadTests {
    @Test func raisesASignalAtItsTimeAndNoneThatWasCancelled() async {
        let clock = EngineThread.shared
        let (late, cancelled) = (WakeSignal(), WakeSignal())
        let began = clock.now
        let wake = clock.schedule(cancelled, at: began + .milliseconds(10))
        clock.cancel(wake)
        await late.wait(until: began + .milliseconds(30), on: clock)
        #expect(clock.now - began >= .milliseconds(30))
        cancelled.raise()
        await cancelled.wait()
    }

    // A rival on the engine's thread, which nobody blocks, takes every lease that is not extended in time.
    @Test func spinningHandlersOnEveryCoreCostNobodyALease() async throws {
        let visibility = Duration.milliseconds(300)
        let spinners = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let provider = MemoryProvider(clock: EngineThread.shared)
        let registry = try makeRegistry(
            provider, ConsumerOptions(visibility: visibility, concurrency: spinners, prefetch: 200))
        let attempts = Journal<Int>()
        let (spinning, done) = (WakeSignal(), WakeSignal())
        let total = 100 + spinners
        registry.handle("orders", group: "billing") { delivery in
            if delivery.text == "spin" {
                spinning.raise()
                spin(for: visibility * 3)
            }
            attempts.append(delivery.attempt)
            if attempts.count == total { done.raise() }
        }
        let stolen = try await withThrowingTaskGroup(of: Int.self) { group in
            let texts = Array(repeating: "spin", count: spinners) + Array(repeating: "quick", count: 100)
            _ = await registry.publish(batch: texts.map { Message(Payload($0)) }, to: "orders")
            group.addTask(executorPreference: EngineThread.shared) {
                await spinning.wait()
                return try await rival(on: provider, for: visibility * 2)
            }
            group.addTask {
                try await registry.run()
                return 0
            }
            await done.wait()
            registry.drain()
            return try await group.reduce(0, +)
        }
        #expect(stolen == 0)
        #expect(attempts.all == Array(repeating: 1, count: total))
    }

    private func makeRegistry(_ provider: MemoryProvider, _ options: ConsumerOptions) throws -> BrokerRegistry {
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "fixed")],
            streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing", options)])])
        return try BrokerRegistry(
            configuration: configuration, providers: [FixedProviderFactory(provider: provider)], codec: TextCodec(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// Asks for leases as another consumer of the group would; returns how many it got.
private func rival(on provider: MemoryProvider, for duration: Duration) async throws -> Int {
    let clock = EngineThread.shared
    let request = SubscriptionRequest(
        .stream("orders"), group: "billing", consumer: "rival", visibility: .milliseconds(300))
    let subscription = try await provider.subscribe(request)
    let end = clock.now + duration
    var count = 0
    while clock.now < end {
        count += try await subscription.receive(ReceiveRequest(limit: 1000, wait: .milliseconds(20))).messages.count
    }
    return count
}

/// Keeps a thread busy without ever suspending.
private func spin(for duration: Duration) {
    let end = EngineThread.shared.now + duration
    while EngineThread.shared.now < end {}
}
