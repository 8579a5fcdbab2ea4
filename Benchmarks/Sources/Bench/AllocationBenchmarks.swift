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

    /// The broker that the messages are in.
    private enum Place {
        case memory
        case redis(RedisServer)

        var name: String {
            switch self {
            case .memory: "memory"
            case .redis: "redis"
            }
        }

        func makeFixture(expecting messages: Int, _ options: ConsumerOptions = ConsumerOptions()) throws -> Fixture {
            switch self {
            case .memory: try Fixture(expecting: messages, options)
            case .redis(let server): try Fixture(expecting: messages, options, on: server)
            }
        }
    }

    static func all(_ payloads: Payloads, _ server: RedisServer) -> [Benchmark] {
        guard areCounted else { return [] }
        let redis = Place.redis(server)
        return [1, 256].map { publish(inBatchesOf: $0, to: .memory) }
            + [(1, 64), (16, 64), (1, 1024)].map { settle(concurrency: $0, prefetch: $1, on: .memory) }
            + [settleTyped(payloads)] + [1, 256].map { publish(inBatchesOf: $0, to: redis) }
            + [(1, 512), (16, 512)].map { settle(concurrency: $0, prefetch: $1, on: redis) }
    }

    private static func publish(inBatchesOf size: Int, to place: Place) -> Benchmark {
        let way = size == 1 ? "single" : "batches of \(size)"
        return Benchmark(name: "\(place.name) allocations, publish \(way)", share: 8) { messages in
            let fixture = try place.makeFixture(expecting: 0)
            // The first message connects.
            try await fixture.registry.publish(Suite.message, to: Fixture.stream)
            let batch = [Message](repeating: Suite.message, count: size)
            let sample = try await count(for: messages / size * size) {
                for _ in 0..<(messages / size) {
                    if size == 1 {
                        try await fixture.registry.publish(Suite.message, to: Fixture.stream)
                    } else {
                        _ = await fixture.registry.publish(batch: batch, to: Fixture.stream)
                    }
                }
            }
            await fixture.registry.close()
            return sample
        }
    }

    private static func settle(concurrency: Int, prefetch: Int, on place: Place) -> Benchmark {
        Benchmark(
            name: "\(place.name) allocations, settle raw, concurrency \(concurrency), prefetch \(prefetch)", share: 4
        ) { messages in
            let options = ConsumerOptions(concurrency: concurrency, prefetch: prefetch)
            let fixture = try place.makeFixture(expecting: messages, options)
            handleRaw(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
            return try await count(for: messages) { _ = try await fixture.consume() }
        }
    }

    private static func settleTyped(_ payloads: Payloads) -> Benchmark {
        Benchmark(name: "memory allocations, settle typed JSON of \(payloads.origin), concurrency 1", share: 40) {
            messages in
            let fixture = try Fixture(expecting: messages, ConsumerOptions(concurrency: 1))
            handleTyped(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { payloads[$0] }
            return try await count(for: messages) { _ = try await fixture.consume() }
        }
    }

    /// Counts the allocations of some work, for each of its messages.
    static func count(for messages: Int, of work: () async throws -> Void) async throws -> Sample {
        allocations_start()
        do {
            try await work()
        } catch {
            _ = allocations_stop()
            throw error
        }
        return Sample(Double(allocations_stop()) / Double(messages), .allocationsPerMessage)
    }
}
