// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// A hundred subscriptions in one process: what they cost while nothing happens, and whether a busy one delays the
/// messages of the others.
enum SubscriptionBenchmarks {
    private static let count = 100
    /// For how long nothing happens.
    private static let pause = Duration.seconds(5)

    static func all(_ server: RedisServer) -> [Benchmark] {
        let alone = fairness("redis fairness, 100 quiet subscriptions", isBusy: false, server)
        let beside = fairness(
            "redis fairness, 99 quiet subscriptions beside a busy one", isBusy: true, heldAgainst: alone.name, server)
        return [idle(server), memory(of: 1, server), memory(of: count, server), alone, beside]
    }

    /// The part of one processor that is used while nobody publishes, in percent.
    private static func idle(_ server: RedisServer) -> Benchmark {
        Benchmark(name: "redis subscriptions, \(count) idle") { _ in
            try server.empty()
            let streams = (0..<count).map(name)
            let fixture = try Fixture(
                expecting: count, streams: streams.map { .init($0.text, Fixture.group, .init()) }, keeping: server)
            for stream in streams { handleRaw(fixture.registry, stream.text) }
            for stream in streams { try await fixture.registry.publish(Suite.message, to: stream) }
            var measures: [Measure] = []
            _ = try await fixture.consume(andThen: {
                // What comes of the start is over by then.
                try await Task.sleep(for: .seconds(1))
                let (server0, client0) = (try server.processorTime(), Machine.processorTime)
                try await Task.sleep(for: pause)
                let parts = [
                    ("consumer", Machine.processorTime - client0), ("server", try server.processorTime() - server0),
                ]
                measures = parts.map { Measure(name: $0, unit: .percentOfCore, value: 100 * ($1 / pause)) }
            })
            return Sample(measures)
        }
    }

    /// The memory of a process that does nothing else.
    private static func memory(of subscriptions: Int, _ server: RedisServer) -> Benchmark {
        Benchmark(name: "redis subscriptions, memory of \(subscriptions)") { _ in
            try server.empty()
            let words = ["--idle", "\(try server.port)", "\(subscriptions)"]
            let output = try Program.output(of: try Program.sibling("Bench"), words)
            guard let bytes = Int(output.prefix { $0.isNumber }) else {
                throw Missing(message: "the process with idle subscriptions wrote '\(output)'")
            }
            return Sample(Double(bytes) / Double(1 << 20), .mebibytes)
        }
    }

    /// The time from just before a publish to the handler: each millisecond a message in another quiet subscription,
    /// until the busy one has settled what was stored beforehand.
    private static func fairness(
        _ name: String, isBusy: Bool, heldAgainst yardstick: String? = nil, _ server: RedisServer
    ) -> Benchmark {
        Benchmark(name: name, yardstick: yardstick) { messages in
            try server.empty()
            let work = isBusy ? messages * 5 / 2 : messages / 200
            let streams = (1..<count).map(self.name)
            let busy = ConsumerOptions(concurrency: 16, prefetch: 512)
            let fixture = try Fixture(
                expecting: work,
                streams: [.init(Fixture.stream.text, Fixture.group, busy)]
                    + streams.map { .init($0.text, Fixture.group, .init()) },
                keeping: server)
            let latencies = Latencies(expecting: messages)
            handleRaw(fixture.registry)
            for stream in streams { latencies.handle(fixture.registry, stream.text) }
            if isBusy { try await fixture.publish(work, inBatchesOf: 1024) { _ in Suite.message } }
            _ = try await fixture.consume {
                var next = 0
                while !fixture.tally.isReached {
                    try await Task.sleep(for: .milliseconds(1))
                    try await fixture.registry.publish(latencies.makeMessage(), to: streams[next % streams.count])
                    next += 1
                }
            }
            return Sample(latencies.measures(leavingOut: streams.count))
        }
    }

    fileprivate static func name(_ number: Int) -> StreamName { StreamName("queue-\(number)") }
}

/// A process of its own that has nothing but idle subscriptions, so that its memory is theirs.
enum IdleConsumer {
    /// Handles one message in each of `count` subscriptions, is idle for a second, and prints the most bytes that the
    /// process has had.
    static func run(_ count: Int, onPort port: Int) async throws {
        let streams = (0..<count).map(SubscriptionBenchmarks.name)
        let fixture = try Fixture(
            expecting: count, streams: streams.map { .init($0.text, Fixture.group, .init()) }, onPort: port)
        for stream in streams { handleRaw(fixture.registry, stream.text) }
        for stream in streams { try await fixture.registry.publish(Suite.message, to: stream) }
        _ = try await fixture.consume(andThen: { try await Task.sleep(for: .seconds(1)) })
        if let bytes = Machine.peakMemory { Console.print("\(bytes)") }
    }
}
