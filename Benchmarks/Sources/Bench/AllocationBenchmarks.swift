// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import CAllocations
import StreamBroker

/// How often memory is allocated for a message, in the whole process; none where that cannot be counted.
enum AllocationBenchmarks {
    /// Whether this program counts allocations.
    static var areCounted: Bool { allocations_are_counted() }

    static func all(_ payloads: Payloads) -> [Benchmark] {
        guard areCounted else { return [] }
        return [publish(inBatchesOf: 1), publish(inBatchesOf: 256)]
            + [(1, 64), (16, 64), (1, 1024)].map(settle) + [settleTyped(payloads)]
    }

    private static func publish(inBatchesOf size: Int) -> Benchmark {
        let way = size == 1 ? "single" : "batches of \(size)"
        return Benchmark(name: "memory allocations, publish \(way)", unit: .allocationsPerMessage, share: 8) {
            messages in
            let fixture = try Fixture(expecting: 0)
            let batch = [Message](repeating: Suite.message, count: size)
            return try await count(for: messages / size * size) {
                for _ in 0..<(messages / size) {
                    if size == 1 {
                        try await fixture.registry.publish(Suite.message, to: Fixture.stream)
                    } else {
                        _ = await fixture.registry.publish(batch: batch, to: Fixture.stream)
                    }
                }
            }
        }
    }

    private static func settle(concurrency: Int, prefetch: Int) -> Benchmark {
        Benchmark(
            name: "memory allocations, settle raw, concurrency \(concurrency), prefetch \(prefetch)",
            unit: .allocationsPerMessage, share: 4
        ) { messages in
            let options = ConsumerOptions(concurrency: concurrency, prefetch: prefetch)
            let fixture = try Fixture(expecting: messages, options)
            handleRaw(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
            return try await count(for: messages) { _ = try await fixture.consume() }
        }
    }

    private static func settleTyped(_ payloads: Payloads) -> Benchmark {
        Benchmark(
            name: "memory allocations, settle typed JSON of \(payloads.origin), concurrency 1",
            unit: .allocationsPerMessage,
            share: 40
        ) { messages in
            let fixture = try Fixture(expecting: messages, ConsumerOptions(concurrency: 1))
            handleTyped(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { payloads[$0] }
            return try await count(for: messages) { _ = try await fixture.consume() }
        }
    }

    /// Counts the allocations of some work, for each of its messages.
    static func count(for messages: Int, of work: () async throws -> Void) async throws -> Double {
        allocations_start()
        do {
            try await work()
        } catch {
            _ = allocations_stop()
            throw error
        }
        return Double(allocations_stop()) / Double(messages)
    }
}
