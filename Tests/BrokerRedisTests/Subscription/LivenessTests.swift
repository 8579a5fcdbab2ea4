// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// A message that is there begins while a lane is free, on real servers: every concurrency and prefetch side by side.
@Suite("Liveness", .inRealTime, .serialized, .timeLimit(.minutes(2))) struct LivenessTests {
    private static let pairs = [1, 2, 4, 16, 20, 64].flatMap { concurrency in
        [0, 1, 8, 16, 64].map { (concurrency: concurrency, prefetch: $0) }
    }

    /// Half a second, and what a busy machine needs. A lane that sleeps does so for ever, a read for five seconds.
    private static let limit = Duration.seconds(2)

    private func makeRegistry(
        _ provider: String, _ url: String, _ groups: [(name: String, options: ConsumerOptions)],
        observer: some BrokerObserver
    ) throws -> BrokerRegistry {
        let options = ConfigurationNode(
            .map([.init(key: "url", node: ConfigurationNode(.scalar(url, isQuoted: true)))]))
        let streams = groups.map { group in
            StreamConfiguration(
                group.name, guarantee: .atMostOnce, groups: [GroupConfiguration("crew", group.options)])
        }
        return try BrokerRegistry(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: provider, options: options)], drain: .seconds(1),
                streams: streams),
            observers: [observer], logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test(arguments: ["redis-streams", "redis-pubsub"])
    func aMessageBeginsAtOnceWhileALaneIsFree(_ provider: String) async throws {
        try await RedisServer.with { server in
            let streams = Self.pairs.map { pair in
                (
                    name: "c\(pair.concurrency)p\(pair.prefetch)",
                    options: ConsumerOptions(concurrency: pair.concurrency, prefetch: pair.prefetch)
                )
            }
            let begun = Counter()
            let arrivals = Arrivals()
            let registry = try makeRegistry(provider, server.url, streams, observer: arrivals)
            try await withBrokerRegistry(registry) { registry in
                for (stream, _) in streams {
                    registry.handle(stream, group: "crew") { delivery in
                        begun.add(1)
                        if delivery.message.payload.string != "last" { try await Task.sleep(for: .seconds(1000)) }
                    }
                }
            } body: { registry in
                try await eventually("everybody has come") { arrivals.counter.value == streams.count }
                // One after the other, so that each time a lane is idle and nothing is buffered.
                for wave in 0..<64 {
                    for (pair, stream) in zip(Self.pairs, streams) where wave < pair.concurrency {
                        let text = wave == pair.concurrency - 1 ? "last" : "\(wave)"
                        try await registry.publish(Message(Payload(text)), to: StreamName(stream.name))
                    }
                    let expected = Self.pairs.reduce(0) { $0 + min(wave + 1, $1.concurrency) }
                    try await eventually("wave \(wave) begins", within: Self.limit) { begun.value == expected }
                }
            }
        }
    }

    @Test func aHotKeyCostsNoReadForEachMessage() async throws {
        try await RedisServer.with { server in
            let options = ConsumerOptions(concurrency: 16, prefetch: 64, ordering: .key)
            let registry = try makeRegistry("redis-streams", server.url, [("hot", options)], observer: Arrivals())
            let count = 4000
            let handled = Counter()
            let messages = (0..<count).map { Message(Payload("\($0)"), key: "a") }
            for result in await registry.publish(batch: messages, to: "hot") { _ = try result.get() }
            try await withBrokerRegistry(registry) { registry in
                registry.handle("hot", group: "crew") { _ in handled.add(1) }
            } body: { _ in
                try await eventually("all of them") { handled.value == count }
                let statistics = try await server.command("INFO", "commandstats").string ?? ""
                let line = statistics.split(separator: "\r\n").first { $0.hasPrefix("cmdstat_xreadgroup:") } ?? ""
                let reads = Int(line.drop { $0 != "=" }.dropFirst().prefix { $0 != "," })
                #expect(try #require(reads) <= count / 8, "\(line)")
            }
        }
    }
}

/// Counts who has come.
private struct Arrivals: BrokerObserver {
    let counter = Counter()

    func observe(_ event: BrokerEvent) {
        if case .subscribed = event { counter.add(1) }
    }
}
