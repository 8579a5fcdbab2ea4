// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// The time from just before a publish to the handler, in one process on Redis: while nothing else happens, and at half
/// of what the consumer can do; held against a C program whose read is blocked.
enum LatencyBenchmarks {
    private static let prefetch = 512
    private static let options = ConsumerOptions(concurrency: 16, prefetch: prefetch)
    private static let idleName = "redis latency, idle"

    static func all(_ server: RedisServer) -> [Benchmark] {
        [idleYardstick(server), idle(server), halfLoad(server)]
    }

    private static func idleYardstick(_ server: RedisServer) -> Benchmark {
        Benchmark(name: "\(idleName), yardstick", share: 200) { messages in
            Sample(try Yardstick.measureLatency(messages, on: server))
        }
    }

    /// Each message is published when the one before it has been handled and the stream was left alone for a moment.
    private static func idle(_ server: RedisServer) -> Benchmark {
        Benchmark(name: idleName, share: 200, yardstick: "\(idleName), yardstick") { messages in
            let (fixture, latencies) = try prepare(messages, on: server)
            _ = try await fixture.consume {
                for number in 0...messages {
                    try await latencies.waitForQuiet(after: number)
                    try await fixture.registry.publish(latencies.makeMessage(), to: Fixture.stream)
                }
            }
            return Sample(latencies.measures())
        }
    }

    /// The consumer first shows what it reaches. The yardstick has the load that comes of that too, in the same run. What
    /// both then settle a second tells whether they had it.
    private static func halfLoad(_ server: RedisServer) -> Benchmark {
        let name = "redis latency, half load"
        return Benchmark(name: name, yardstick: "\(name), yardstick") { messages in
            let half = try await capacity(messages, on: server) / 2
            let (fixture, latencies) = try prepare(messages, on: server)
            let duration = try await fixture.consume {
                try await fixture.registry.publish(latencies.makeMessage(), to: Fixture.stream)
                try await latencies.waitForQuiet(after: 1)
                try await fixture.publish(messages, perSecond: half, latencies)
            }
            let ours = latencies.measures(settled: duration.perSecond(messages))
            let theirs = try Yardstick.measureLatency(messages, perSecond: half, inReadsOf: prefetch, on: server)
            return Sample(ours + theirs.map { $0.of("yardstick") })
        }
    }

    private static func prepare(_ messages: Int, on server: RedisServer) throws -> (Fixture, Latencies) {
        // One more, which finds the consumer at its start.
        let fixture = try Fixture(expecting: messages + 1, options, on: server)
        let latencies = Latencies(expecting: messages + 1)
        latencies.handle(fixture.registry)
        return (fixture, latencies)
    }

    /// Messages a second of a consumer that always finds more.
    private static func capacity(_ messages: Int, on server: RedisServer) async throws -> Double {
        let fixture = try Fixture(expecting: messages, options, on: server)
        handleRaw(fixture.registry)
        try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
        return try await fixture.consume().perSecond(messages)
    }
}

extension Latencies {
    /// Waits for a moment, and until a handler has had that many messages.
    fileprivate func waitForQuiet(after messages: Int) async throws {
        repeat { try await Task.sleep(for: .milliseconds(1)) } while count < messages
    }
}

extension Fixture {
    /// Publishes `count` messages at this rate. What has become due in a moment is one batch.
    fileprivate func publish(_ count: Int, perSecond rate: Double, _ latencies: Latencies) async throws {
        let clock = ContinuousClock()
        let began = clock.now
        var published = 0
        while published < count {
            try await Task.sleep(for: .milliseconds(1))
            let due = min(count, Int(rate * ((clock.now - began) / .seconds(1))))
            let message = latencies.makeMessage()
            try await publish(due - published, inBatchesOf: 1024) { _ in message }
            published = due
        }
    }
}
