// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What it costs to find out where a message goes: by the name of its stream, and by one of many patterns.
enum RouteBenchmarks {
    static var all: [Benchmark] {
        [publish(to: .named, tasks: 1)] + [1, 10, 100].map { publish(to: .matched(patterns: $0), tasks: 1) }
            + [publish(to: .named, tasks: 16), publish(to: .matched(patterns: 10), tasks: 16)]
            + [forward(to: .named), forward(to: .matched(patterns: 10))] + allocations
    }

    /// How the streams are declared that messages go to.
    enum Target {
        /// Each by its name.
        case named
        /// By the last one of several patterns.
        case matched(patterns: Int)

        /// How many streams are published to in turn.
        static let count = 64

        var names: [StreamName] {
            switch self {
            case .named: (0..<Self.count).map { StreamName("agent-\($0)") }
            case .matched(let patterns): (0..<Self.count).map { StreamName("kind\(patterns).agent-\($0)") }
            }
        }

        var declarations: [StreamConfiguration] {
            switch self {
            case .named: names.map { StreamConfiguration($0.text) }
            case .matched(let patterns): (1...patterns).map { StreamConfiguration("kind\($0).*") }
            }
        }

        var description: String {
            switch self {
            case .named: "streams by name"
            case .matched(let patterns): "streams of \(patterns == 1 ? "1 pattern" : "\(patterns) patterns")"
            }
        }
    }

    private static func publish(to target: Target, tasks: Int) -> Benchmark {
        let callers = tasks == 1 ? "1 task" : "\(tasks) tasks"
        return Benchmark(name: "memory route, publish single to \(target.description), \(callers)", share: 2) {
            messages in
            let fixture = try Fixture(expecting: 0, publishingTo: target)
            let share = messages / tasks
            let duration = try await ContinuousClock().measure {
                try await fixture.publishSingly(share, tasks: tasks, inTurnTo: target.names)
            }
            return duration.rate(of: share * tasks)
        }
    }

    /// Each message becomes three, in three streams, in one step with its ack.
    private static func forward(to target: Target) -> Benchmark {
        Benchmark(name: "memory route, forward 3 outputs to \(target.description)", share: 4) { messages in
            let fixture = try Fixture(expecting: messages, publishingTo: target)
            let names = Array(target.names.prefix(3))
            fixture.registry.connect(
                Fixture.stream.text, group: Fixture.group, to: target.declarations.map(\.selection.text)
            ) { delivery in
                names.map { .to($0, delivery.message) }
            }
            try await fixture.publish(messages, inBatchesOf: 1024) { _ in Suite.message }
            return try await fixture.consume().rate(of: messages)
        }
    }

    private static var allocations: [Benchmark] {
        guard AllocationBenchmarks.areCounted else { return [] }
        return [Target.named, .matched(patterns: 1), .matched(patterns: 10)].map { target in
            Benchmark(name: "memory allocations, publish single to \(target.description)", share: 8) { messages in
                let fixture = try Fixture(expecting: 0, publishingTo: target)
                let names = target.names
                try await fixture.publishSingly(Target.count, tasks: 1, inTurnTo: names)
                return try await AllocationBenchmarks.count(for: messages) {
                    try await fixture.publishSingly(messages, tasks: 1, inTurnTo: names)
                }
            }
        }
    }
}

extension Fixture {
    /// Makes a registry in memory with the usual stream, and with those that messages are published to.
    fileprivate init(expecting messages: Int, publishingTo target: RouteBenchmarks.Target) throws {
        let consumed = StreamConfiguration(
            Self.stream.text,
            groups: [GroupConfiguration(Self.group, ConsumerOptions(concurrency: 16, prefetch: 256))])
        try self.init(expecting: messages, streams: [consumed] + target.declarations)
    }

    /// Publishes `share` messages from each of `tasks` tasks, one by one, in turn to each of the streams.
    fileprivate func publishSingly(_ share: Int, tasks: Int, inTurnTo streams: [StreamName]) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for task in 0..<tasks {
                group.addTask {
                    for number in 0..<share {
                        let stream = streams[(task + number) % streams.count]
                        try await registry.publish(Suite.message, to: stream)
                    }
                }
            }
        }
    }
}
