// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// A registry over memory with one stream and one group: the engine as an application has it.
struct Fixture: Sendable {
    static let stream: StreamName = "orders"
    static let group: GroupName = "billing"

    /// What is on while it is measured.
    static var description: String {
        let settings = ConsumerSettings()
        return
            "memory through a registry; on: default policies (retry \(settings.retry.attempts) times, dead letters), "
            + "leases (visibility \(settings.visibility), heartbeats), two observers (the log, a counter); "
            + "body of 100 bytes unless said otherwise"
    }

    let registry: BrokerRegistry
    let tally: Tally

    init(expecting messages: Int, _ options: ConsumerOptions = ConsumerOptions()) throws {
        tally = Tally(target: messages)
        let group = GroupConfiguration(Self.group, options)
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("events", provider: "memory")],
            streams: [StreamConfiguration(Self.stream.text, groups: [group])])
        registry = try BrokerRegistry(
            configuration: configuration, providers: [MemoryProviderFactory()], codec: JSONMessageCodec(),
            observers: [tally], logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Publishes that many messages, in batches of at most so many.
    func publish(_ count: Int, inBatchesOf size: Int, _ message: (Int) -> Message) async {
        var number = 0
        while number < count {
            let end = min(count, number + size)
            _ = await registry.publish(batch: (number..<end).map(message), to: Self.stream)
            number = end
        }
    }

    /// Runs the registry until as much is settled as was expected; answers how long that took.
    func consume(whilePublishing publisher: @escaping @Sendable () async -> Void = {}) async throws -> Duration {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let clock = ContinuousClock()
            let began = clock.now
            tasks.addTask {
                defer { tally.reached.raise() }
                try await registry.run()
            }
            tasks.addTask { await publisher() }
            await tally.reached.wait()
            let duration = clock.now - began
            registry.drain()
            try await tasks.waitForAll()
            return duration
        }
    }
}
