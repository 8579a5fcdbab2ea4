// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import Logging
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// On real time and real threads.
@Suite(.serialized, .timeLimit(.minutes(1))) struct EngineThreadTests {
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

    @Test func spinningHandlersOnEveryCoreCostNobodyALease() async throws {
        let visibility = Duration.milliseconds(300)
        let spinners = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let options = ConsumerOptions(visibility: visibility, concurrency: spinners, prefetch: 200)
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "memory")],
            streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing", options)])])
        let registry = try BrokerRegistry(
            configuration: configuration, providers: [MemoryProviderFactory()], codec: TextCodec(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let attempts = Mutex<[Int]>([])
        let done = WakeSignal()
        let total = 100 + spinners
        registry.handle("orders", group: "billing") { delivery in
            if delivery.text == "spin" { spin(for: visibility * 3) }
            let isLast = attempts.withLock { attempts in
                attempts.append(delivery.attempt)
                return attempts.count == total
            }
            if isLast { done.raise() }
        }
        try await withThrowingDiscardingTaskGroup { group in
            let texts = Array(repeating: "spin", count: spinners) + Array(repeating: "quick", count: 100)
            _ = await registry.publish(batch: texts.map { Message(Payload($0)) }, to: "orders")
            group.addTask { try await registry.run() }
            await done.wait()
            registry.drain()
        }
        #expect(attempts.withLock { $0 } == Array(repeating: 1, count: total))
    }
}

/// Keeps a thread busy without ever suspending.
private func spin(for duration: Duration) {
    let end = EngineThread.shared.now + duration
    while EngineThread.shared.now < end {}
}
