// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Many streams that one pattern matches: what they cost while few of them are active, and while none is.
enum PatternBenchmarks {
    private static let pattern = "agent.*"
    /// How many of the streams hold messages.
    private static let active = 20
    /// For how long nothing happens.
    private static let pause = Duration.seconds(5)

    static func all(_ server: RedisServer) -> [Benchmark] {
        let few = throughput("redis pattern, 20 streams", of: 20, server)
        let many = throughput("redis pattern, 2000 streams, 20 active", of: 2000, heldAgainst: few.name, server)
        let one = throughput("redis pattern, 1 stream", of: 1, server)
        let active = throughput(
            "redis pattern, 1000 streams, all active", of: 1000, active: 1000, heldAgainst: one.name, server)
        return [
            few, many, one, active,
            idle("redis pattern, 2000 idle streams, consumer", server) { Machine.processorTime },
            idle("redis pattern, 2000 idle streams, server", server) { try server.processorTime() },
        ]
    }

    /// Measured from the first settlement on: subscriptions in thousands of streams are taken once.
    private static func throughput(
        _ name: String, of streams: Int, active: Int = active, heldAgainst yardstick: String? = nil,
        _ server: RedisServer
    ) -> Benchmark {
        Benchmark(name: name, yardstick: yardstick) { messages in
            try await prepare(streams, on: server)
            let fixture = try makeFixture(expecting: messages, on: server)
            try await fixture.publish(messages, spreadOver: min(active, streams))
            _ = try await fixture.consume()
            return fixture.tally.span.sample
        }
    }

    /// The part of one processor that is used while nobody publishes, in percent.
    private static func idle(
        _ name: String, _ server: RedisServer, _ used: @escaping @Sendable () throws -> Duration
    ) -> Benchmark {
        Benchmark(name: name) { _ in
            try await prepare(2000, on: server)
            let fixture = try makeFixture(expecting: active, on: server)
            try await fixture.publish(active, spreadOver: active)
            var percent = 0.0
            _ = try await fixture.consume(andThen: {
                // What comes of the start is over by then.
                try await Task.sleep(for: .seconds(1))
                let before = try used()
                try await Task.sleep(for: pause)
                percent = 100 * ((try used() - before) / pause)
            })
            return Sample(percent, .percentOfCore)
        }
    }

    /// Leaves that many streams on the server, each with a group that has settled everything.
    private static func prepare(_ streams: Int, on server: RedisServer) async throws {
        try server.empty()
        let fixture = try makeFixture(expecting: streams, on: server)
        try await fixture.publish(streams, spreadOver: streams)
        _ = try await fixture.consume()
    }

    private static func makeFixture(expecting messages: Int, on server: RedisServer) throws -> Fixture {
        let options = ConsumerOptions(concurrency: 16, prefetch: 512)
        let fixture = try Fixture(expecting: messages, options, streams: pattern, keeping: server)
        handleRaw(fixture.registry, pattern)
        return fixture
    }
}

extension Fixture {
    /// Publishes `messages` messages, in turn to each of `streams` streams.
    fileprivate func publish(_ messages: Int, spreadOver streams: Int) async throws {
        for stream in 0..<streams {
            let part = messages / streams + (stream < messages % streams ? 1 : 0)
            try await publish(part, inBatchesOf: 1024, to: StreamName("agent.\(stream)")) { _ in Suite.message }
        }
    }
}
