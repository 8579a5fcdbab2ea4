// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Messages stored, and messages settled, a second on a redis-server, and the processor time of client and server for
/// each, beside a plain C program that does only what the wire demands.
enum RedisBenchmarks {
    static func all(_ server: RedisServer) -> [Benchmark] {
        let sizes = [16, 64, 256, 1024]
        let single = [
            yardstick(.publish, inBatchesOf: 1, server), publishSingly(tasks: 1, server),
            publishSingly(tasks: 64, server), publishSingly(tasks: 256, server),
        ]
        let publishing = sizes.flatMap { size in
            [yardstick(.publish, inBatchesOf: size, server), publish(inBatchesOf: size, server)]
        }
        let consuming = sizes.flatMap { size in
            [yardstick(.consume, inBatchesOf: size, server)]
                + [16, 1].map { consume(inReadsOf: size, concurrency: $0, server) }
        }
        return single + publishing + consuming
    }

    private static func publish(inBatchesOf size: Int, _ server: RedisServer) -> Benchmark {
        let name = name(.publish, inBatchesOf: size)
        return Benchmark(name: name, share: share(of: size), yardstick: "\(name), yardstick") { messages in
            try await publish(messages, on: server) { fixture in
                try await fixture.publish(messages, inBatchesOf: size) { _ in Suite.message }
            }
        }
    }

    /// Held against a program that writes as many at once as there are callers.
    private static func publishSingly(tasks: Int, _ server: RedisServer) -> Benchmark {
        let yardstick = name(.publish, inBatchesOf: tasks) + ", yardstick"
        let callers = tasks == 1 ? "1 task" : "\(tasks) tasks"
        let share = tasks == 1 ? share(of: 1) : 4
        return Benchmark(name: "redis publish, single, \(callers)", share: share, yardstick: yardstick) { messages in
            try await publish(messages / tasks * tasks, on: server) { fixture in
                try await fixture.publishSingly(messages / tasks, tasks: tasks)
            }
        }
    }

    private static func publish(
        _ messages: Int, on server: RedisServer, _ publish: (Fixture) async throws -> Void
    ) async throws -> Sample {
        let fixture = try Fixture(on: server)
        // The first message connects; the yardstick does not count that either.
        try await fixture.registry.publish(Suite.message, to: Fixture.stream)
        let clock = try ProcessorClock(server)
        var sample = try await ContinuousClock().measure { try await publish(fixture) }.rate(of: messages)
        sample.measures += try clock.measures(for: messages)
        await fixture.registry.close()
        return sample
    }

    /// A prefetch of twice the size: the engine asks for more when half of what it may hold is free.
    private static func consume(inReadsOf size: Int, concurrency: Int, _ server: RedisServer) -> Benchmark {
        let name = name(.consume, inBatchesOf: size)
        return Benchmark(
            name: "\(name), concurrency \(concurrency)", share: share(of: size), yardstick: "\(name), yardstick"
        ) { messages in
            let options = ConsumerOptions(concurrency: concurrency, prefetch: 2 * size)
            let fixture = try Fixture(expecting: messages, options, on: server)
            handleRaw(fixture.registry)
            try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
            let clock = try ProcessorClock(server)
            var times: [Measure] = []
            var sample = try await fixture.consume(andThen: { times = try clock.measures(for: messages) })
                .rate(of: messages)
            sample.measures += times
            return sample
        }
    }

    private static func yardstick(
        _ mode: Yardstick.Mode, inBatchesOf size: Int, _ server: RedisServer
    ) -> Benchmark {
        Benchmark(name: name(mode, inBatchesOf: size) + ", yardstick", share: share(of: size)) { messages in
            try Yardstick.measure(mode, messages, inBatchesOf: size, on: server)
        }
    }

    private static func name(_ mode: Yardstick.Mode, inBatchesOf size: Int) -> String {
        switch mode {
        case .publish: size == 1 ? "redis publish, single" : "redis publish, batches of \(size)"
        case .consume: "redis consume, reads of \(size)"
        }
    }

    /// Small batches are slow.
    private static func share(of size: Int) -> Int { min(16, max(1, 64 / size)) }
}

extension Fixture {
    /// Makes a registry on an empty server.
    init(
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
        try self.init(
            expecting: messages, streams: [.init(streams, Self.group, options)], keeping: server)
    }

    /// Makes a registry with these streams on what is on a server.
    init(expecting messages: Int, streams: [StreamConfiguration], keeping server: RedisServer) throws {
        try self.init(expecting: messages, streams: streams, onPort: server.port, server: server)
    }

    /// Makes a registry with these streams on what is on the server at a port.
    init(
        expecting messages: Int, streams: [StreamConfiguration], onPort port: Int, server: RedisServer? = nil
    ) throws {
        let options: [ConfigurationNode.Entry] = [
            .init(key: "url", node: ConfigurationNode(.scalar("redis://127.0.0.1:\(port)/0", isQuoted: true))),
            // One for each subscription.
            .init(key: "max-connections", node: ConfigurationNode(.scalar("128", isQuoted: false))),
        ]
        let broker = BrokerConfiguration(
            "events", provider: "redis-streams", options: ConfigurationNode(.map(options)))
        try self.init(expecting: messages, streams: streams, on: broker, server: server)
    }
}
