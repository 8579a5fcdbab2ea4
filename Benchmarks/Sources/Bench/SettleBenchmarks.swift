// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Messages settled a second: fetched, leased, handled, acknowledged, observed. They are all stored beforehand, but in
/// the benchmark that says otherwise.
enum SettleBenchmarks {
    static func all(_ payloads: Payloads) -> [Benchmark] {
        let plain = [64, 256, 1024].flatMap { prefetch in [1, 16].map { raw(concurrency: $0, prefetch: prefetch) } }
        return plain + [typed(payloads, concurrency: 1), typed(payloads, concurrency: 16), keyed, batches, both]
    }

    private static func raw(concurrency: Int, prefetch: Int) -> Benchmark {
        Benchmark(name: "memory settle raw, concurrency \(concurrency), prefetch \(prefetch)") { messages in
            try await settle(messages, ConsumerOptions(concurrency: concurrency, prefetch: prefetch), handleRaw)
        }
    }

    private static func typed(_ payloads: Payloads, concurrency: Int) -> Benchmark {
        Benchmark(name: "memory settle typed JSON of \(payloads.origin), concurrency \(concurrency)", share: 20) {
            messages in
            try await settle(messages, ConsumerOptions(concurrency: concurrency), handleTyped) { payloads[$0] }
        }
    }

    private static var keyed: Benchmark {
        let bodies = (0..<1024).map { Message(Suite.message.payload, key: "customer-\($0)") }
        return Benchmark(name: "memory settle raw, ordering key of 1024, concurrency 16, prefetch 1024", share: 2) {
            messages in
            let options = ConsumerOptions(concurrency: 16, prefetch: 1024, ordering: .key)
            return try await settle(messages, options, handleRaw) { bodies[$0 % bodies.count] }
        }
    }

    private static var batches: Benchmark {
        Benchmark(name: "memory settle batch handler up to 64, concurrency 1") { messages in
            try await settle(messages, ConsumerOptions(concurrency: 1, prefetch: 256)) { registry in
                registry.handle(
                    Fixture.stream.text, group: Fixture.group, batch: .upTo(64, within: .milliseconds(1))
                ) { deliveries in
                    _ = deliveries.count
                }
            }
        }
    }

    private static var both: Benchmark {
        Benchmark(name: "memory publish batches of 64 and settle, concurrency 1, prefetch 256") { messages in
            let fixture = try Fixture(expecting: messages, ConsumerOptions(concurrency: 1, prefetch: 256))
            handleRaw(fixture.registry)
            let duration = try await fixture.consume {
                try await fixture.publish(messages, inBatchesOf: 64) { _ in Suite.message }
            }
            return duration.rate(of: messages)
        }
    }

    private static func settle(
        _ messages: Int, _ options: ConsumerOptions, _ handle: (BrokerRegistry) -> Void,
        _ message: (Int) -> Message = { _ in Suite.message }
    ) async throws -> Sample {
        let fixture = try Fixture(expecting: messages, options)
        handle(fixture.registry)
        try await fixture.publish(messages, inBatchesOf: 1024, message)
        return try await fixture.consume().rate(of: messages)
    }
}

/// A handler that takes messages as they are stored, and looks at them.
func handleRaw(_ registry: BrokerRegistry) {
    handleRaw(registry, Fixture.stream.text)
}

/// The same, of other streams.
func handleRaw(_ registry: BrokerRegistry, _ streams: String) {
    registry.handle(streams, group: Fixture.group) { delivery in _ = delivery.message.payload.count }
}

/// A handler that takes values.
func handleTyped(_ registry: BrokerRegistry) {
    registry.handle(Fixture.stream.text, group: Fixture.group, as: Payloads.Event.self) { event, _ in
        _ = event.name.count
    }
}
