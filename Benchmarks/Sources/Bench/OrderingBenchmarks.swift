// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What it costs on Redis to keep the order of each of many keys, beside no order of the same messages.
enum OrderingBenchmarks {
    private static let bodies = (0..<1024).map { Message(Suite.message.payload, key: "customer-\($0)") }

    static func all(_ server: RedisServer) -> [Benchmark] {
        let none = consume(ordering: .none, server)
        return [none, consume(ordering: .key, heldAgainst: none.name, server)]
    }

    private static func consume(
        ordering: Ordering, heldAgainst yardstick: String? = nil, _ server: RedisServer
    ) -> Benchmark {
        let keys = ordering == .key ? "ordering key of 1024" : "ordering none"
        return Benchmark(name: "redis consume, \(keys), concurrency 16, prefetch 1024", yardstick: yardstick) {
            messages in
            let options = ConsumerOptions(concurrency: 16, prefetch: 1024, ordering: ordering)
            let fixture = try Fixture(expecting: messages, options, on: server)
            handleRaw(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { bodies[$0 % bodies.count] }
            _ = try await fixture.consume()
            return fixture.tally.span.sample
        }
    }
}
