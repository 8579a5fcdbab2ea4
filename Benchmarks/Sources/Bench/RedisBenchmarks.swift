// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Messages stored, and messages settled, a second on a redis-server, each beside a plain C program that does only what
/// the wire demands.
enum RedisBenchmarks {
    static func all(_ server: RedisServer) -> [Benchmark] {
        let publishing = [16, 64, 256, 1024].flatMap { size in
            [yardstick("publish, batches of \(size)", \.publish, size, server), publish(inBatchesOf: size, server)]
        }
        let consuming = [16, 64, 256, 1024].flatMap { size in
            [yardstick("consume, reads of \(size)", \.consume, size, server)]
                + [16, 1].map { consume(inReadsOf: size, concurrency: $0, server) }
        }
        return publishing + [publishSingly(tasks: 64, server)] + consuming
    }

    private static func publish(inBatchesOf size: Int, _ server: RedisServer) -> Benchmark {
        let name = "publish, batches of \(size)"
        return Benchmark(name: "redis \(name)", share: share(of: size), yardstick: yardstickName(name)) { messages in
            try await publish(messages, on: server) { fixture in
                try await fixture.publish(messages, inBatchesOf: size) { _ in Suite.message }
            }
        }
    }

    /// Held against a program that writes as many at once as there are callers.
    private static func publishSingly(tasks: Int, _ server: RedisServer) -> Benchmark {
        let yardstick = yardstickName("publish, batches of \(tasks)")
        return Benchmark(name: "redis publish, single, \(tasks) tasks", share: 4, yardstick: yardstick) { messages in
            try await publish(messages / tasks * tasks, on: server) { fixture in
                try await fixture.publishSingly(messages / tasks, tasks: tasks)
            }
        }
    }

    private static func publish(
        _ messages: Int, on server: RedisServer, _ publish: (Fixture) async throws -> Void
    ) async throws -> Double {
        let fixture = try Fixture(on: server)
        // The first message connects; the yardstick does not count that either.
        try await fixture.registry.publish(Suite.message, to: Fixture.stream)
        let duration = try await ContinuousClock().measure { try await publish(fixture) }
        await fixture.registry.close()
        return duration.rate(of: messages)
    }

    /// A prefetch of twice the size: the engine asks for more when half of what it may hold is free.
    private static func consume(inReadsOf size: Int, concurrency: Int, _ server: RedisServer) -> Benchmark {
        let name = "consume, reads of \(size)"
        return Benchmark(
            name: "redis \(name), concurrency \(concurrency)", share: share(of: size), yardstick: yardstickName(name)
        ) { messages in
            let options = ConsumerOptions(concurrency: concurrency, prefetch: 2 * size)
            let fixture = try Fixture(expecting: messages, options, on: server)
            handleRaw(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
            return try await fixture.consume().rate(of: messages)
        }
    }

    private static func yardstick(
        _ name: String, _ rate: @escaping @Sendable (Yardstick) -> Double, _ size: Int, _ server: RedisServer
    ) -> Benchmark {
        Benchmark(name: yardstickName(name), share: share(of: size)) { messages in
            rate(try Yardstick.measure(messages, inBatchesOf: size, on: server))
        }
    }

    private static func yardstickName(_ name: String) -> String { "redis \(name), yardstick" }

    /// Small batches are slow.
    private static func share(of size: Int) -> Int { max(1, 64 / size) }
}

extension Fixture {
    /// Makes a registry on an empty server.
    fileprivate init(
        expecting messages: Int = 0, _ options: ConsumerOptions = ConsumerOptions(), on server: RedisServer
    ) throws {
        try server.empty()
        try self.init(expecting: messages, options, streams: Self.stream.text, keeping: server)
    }

    /// Makes a registry on what is on a server.
    init(
        expecting messages: Int, _ options: ConsumerOptions = ConsumerOptions(), streams: String,
        keeping server: RedisServer
    ) throws {
        let url = ConfigurationNode(.scalar("redis://127.0.0.1:\(try server.port)/0", isQuoted: true))
        let broker = BrokerConfiguration(
            "events", provider: "redis-streams", options: ConfigurationNode(.map([.init(key: "url", node: url)])))
        try self.init(expecting: messages, options, streams: streams, on: broker)
    }
}
