// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Synchronization

final class Counter: BrokerObserver {
    let settled = Atomic<Int>(0)
    let target: Int
    let done = WakeSignal()
    init(target: Int) { self.target = target }
    func observe(_ event: BrokerEvent) {
        guard case .settled(let event) = event else { return }
        if settled.add(event.entries.count, ordering: .relaxed).newValue >= target { done.raise() }
    }
}
struct Quiet {}
func bench(_ n: Int, concurrency: Int, prefetch: Int) async throws {
    let counter = Counter(target: n)
    let configuration = BrokersConfiguration(
        brokers: [BrokerConfiguration("events", provider: "memory")],
        streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing", ConsumerOptions(concurrency: concurrency, prefetch: prefetch))])])
    let registry = try BrokerRegistry(configuration: configuration, providers: [MemoryProviderFactory()], codec: JSONMessageCodec(), observers: [counter])
    registry.handle("orders", group: "billing") { delivery in _ = delivery.message.payload.count }
    let body = [UInt8](repeating: 120, count: 100)
    let clock = ContinuousClock()
    let messages = (0..<1024).map { _ in Message(body) }
    let t0 = clock.now
    for _ in 0..<(n / 1024) { _ = await registry.publish(batch: messages, to: "orders") }
    let t1 = clock.now
    let total = n / 1024 * 1024
    counter.settled.store(n - total, ordering: .relaxed)
    try await withThrowingDiscardingTaskGroup { group in
        let t2 = clock.now
        group.addTask { try await registry.run() }
        await counter.done.wait()
        let t3 = clock.now
        func rate(_ d: Duration) -> Int { Int(Double(total) / (Double(d.components.seconds) + Double(d.components.attoseconds) * 1e-18)) }
        print("c=\(concurrency) p=\(prefetch) publish \(rate(t1 - t0))/s settle \(rate(t3 - t2))/s")
        registry.drain()
    }
}
for _ in 0..<2 {
    for (c, p) in [(1, 64), (1, 256), (1, 1024), (1, 4096), (16, 64), (16, 1024)] { try await bench(1_000_000, concurrency: c, prefetch: p) }
}
