// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Synchronization

/// Large consumers: many lanes, or many leases.
enum ScaleBenchmarks {
    /// How many messages are held while others are retried.
    private static let held = 8192
    /// The keys of the messages that are retried; the one before them is that of the messages that are held.
    private static let keys = (0...16).map { "key-\($0)" }

    static var all: [Benchmark] { [settle, trickle, retries] }

    private static var settle: Benchmark {
        Benchmark(name: "memory settle raw, concurrency 4096, prefetch 4096", share: 2) { messages in
            let fixture = try Fixture(expecting: messages, ConsumerOptions(concurrency: 4096, prefetch: 4096))
            handleRaw(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
            return try await fixture.consume().rate(of: messages)
        }
    }

    /// Most lanes have nothing to do.
    private static var trickle: Benchmark {
        Benchmark(name: "memory publish one by one and settle, concurrency 4096", share: 8) { messages in
            let share = messages / 16
            let fixture = try Fixture(expecting: share * 16, ConsumerOptions(concurrency: 4096, prefetch: 64))
            handleRaw(fixture.registry)
            let duration = try await fixture.consume { try await fixture.publishSingly(share, tasks: 16) }
            return duration.rate(of: share * 16)
        }
    }

    /// Each message is retried in its lane once, while a handler and what stands behind it hold thousands of leases.
    private static var retries: Benchmark {
        Benchmark(name: "memory retries in place beside \(held) held leases", share: 40) { messages in
            let options = ConsumerOptions(concurrency: keys.count, prefetch: 10_000, ordering: .key)
            let fixture = try Fixture(expecting: 2 * messages, options)
            let gate = Gate()
            fixture.registry.handle(Fixture.stream.text, group: Fixture.group) { delivery in
                if delivery.message.key == keys[0] {
                    await gate.pass()
                } else if delivery.attempt == 1 {
                    try delivery.retry(after: .zero)
                }
            }
            let bodies = keys.map { Message(Suite.message.payload, key: $0) }
            try await fixture.publish(held, inBatchesOf: 1024) { _ in bodies[0] }
            try await fixture.publish(messages, inBatchesOf: 1024) { bodies[1 + $0 % (bodies.count - 1)] }
            _ = try await fixture.consume(andThen: { gate.open() })
            return fixture.tally.span.duration.rate(of: messages)
        }
    }
}

/// Holds handlers until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic(false)
    private let openSignal = WakeSignal()

    func pass() async {
        while !isOpen.load(ordering: .acquiring) { await openSignal.wait() }
    }

    func open() {
        isOpen.store(true, ordering: .releasing)
        openSignal.raise()
    }
}
