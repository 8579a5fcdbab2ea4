// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker

/// A registry with one broker, one stream and one group: the engine as an application has it.
struct Fixture: Sendable {
    static let stream: StreamName = "orders"
    static let group: GroupName = "billing"

    /// What is on while it is measured.
    static var description: String {
        let settings = ConsumerSettings()
        return
            "through a registry, on memory or Redis Streams; on: default policies (retry \(settings.retry.attempts) times, dead letters), "
            + "leases (visibility \(settings.visibility), heartbeats), two observers (the log, a counter); "
            + "body of 100 bytes unless said otherwise"
    }

    let registry: BrokerRegistry
    let tally: Tally

    /// Makes a registry that knows the built-in providers; its broker is in memory unless another one is given.
    init(
        expecting messages: Int, _ options: ConsumerOptions = ConsumerOptions(), streams: String = Self.stream.text,
        on broker: BrokerConfiguration = BrokerConfiguration("events", provider: "memory")
    ) throws {
        try self.init(expecting: messages, streams: [.init(streams, Self.group, options)], on: broker)
    }

    /// Makes such a registry with these streams.
    init(
        expecting messages: Int, streams: [StreamConfiguration],
        on broker: BrokerConfiguration = BrokerConfiguration("events", provider: "memory"),
        server: RedisServer? = nil
    ) throws {
        tally = Tally(target: messages, server: server)
        let configuration = BrokersConfiguration(brokers: [broker], streams: streams)
        registry = try BrokerRegistry(
            configuration, observers: [tally],
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Publishes `count` messages in batches of at most `size`. Throws when one was not stored.
    func publish(
        _ count: Int, inBatchesOf size: Int, to stream: StreamName = Self.stream, _ message: (Int) -> Message
    ) async throws {
        var number = 0
        while number < count {
            let end = min(count, number + size)
            for result in await registry.publish(batch: (number..<end).map(message), to: stream) {
                _ = try result.get()
            }
            number = end
        }
    }

    /// Publishes `share` messages from each of `tasks` tasks, one by one.
    func publishSingly(_ share: Int, tasks: Int) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask {
                    for _ in 0..<share { try await registry.publish(Suite.message, to: Self.stream) }
                }
            }
        }
    }

    /// Runs the registry until as much is settled as was expected, and through what is done then; returns how long the
    /// settling took.
    func consume(
        whilePublishing publisher: @escaping @Sendable () async throws -> Void = {},
        andThen afterwards: () async throws -> Void = {}
    ) async throws -> Duration {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let clock = ContinuousClock()
            let began = clock.now
            tasks.addTask {
                defer { tally.reached.raise() }
                try await registry.run()
            }
            tasks.addTask {
                do {
                    try await publisher()
                } catch {
                    // Nobody settles what was not published.
                    tally.reached.raise()
                    throw error
                }
            }
            await tally.reached.wait()
            let duration = clock.now - began
            try await afterwards()
            registry.drain()
            try await tasks.waitForAll()
            return duration
        }
    }
}

extension StreamConfiguration {
    /// The streams of a name or a pattern, with one group.
    init(_ streams: String, _ group: GroupName, _ options: ConsumerOptions) {
        self.init(streams, groups: [GroupConfiguration(group, options)])
    }
}
