// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Whether a message costs more when many wait behind it. The large backlog has 5,000,000 messages unless another number
/// of messages is asked for; the server needs about 650 MB for it.
enum BacklogBenchmarks {
    private static let small = 10_000

    /// How many messages wait in the large backlog of a run with that many messages.
    static func depth(of messages: Int) -> Int { messages * 25 / 2 }

    static func all(_ server: RedisServer) -> [Benchmark] {
        let many = Benchmark(name: "redis backlog, 10000 waiting", share: 2) { messages in
            var sum = Span()
            for _ in 0..<max(1, messages / small) { sum = sum + (try await consume(small, on: server)) }
            return sum.sample
        }
        let large = Benchmark(name: "redis backlog, large", yardstick: many.name) { messages in
            let sample = try await consume(depth(of: messages), on: server).sample
            try server.empty()
            return sample
        }
        return [many, large]
    }

    /// Consumes a backlog from the first settlement on.
    private static func consume(_ messages: Int, on server: RedisServer) async throws -> Span {
        let options = ConsumerOptions(concurrency: 16, prefetch: 512)
        let fixture = try Fixture(expecting: messages, options, on: server)
        handleRaw(fixture.registry)
        try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
        _ = try await fixture.consume()
        return fixture.tally.span
    }
}
