// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// Handlers on patterns that come and go while a registry runs.
@Suite(.inRealTime, .timeLimit(.minutes(2))) struct PatternHandlerTests {
    enum Backend: String, CaseIterable {
        case memory, redis
    }

    /// A running registry that handles `agent.*`, one message at a time, and what runs a command of its server.
    private func withRegistry(
        on backend: Backend, observers: [any BrokerObserver] = [],
        _ body: @escaping @Sendable (BrokerRegistry, RedisServer?) async throws -> Void
    ) async throws {
        let group = GroupConfiguration("inbox", ConsumerOptions(concurrency: 1, prefetch: 10))
        let streams = [StreamConfiguration("agent.*", groups: [group])]
        switch backend {
        case .memory:
            let registry = try RegistryFixture.registry(streams, observers: observers)
            try await withBrokerRegistry(registry) { _ in
            } body: {
                try await body($0, nil)
            }
        case .redis:
            try await RedisServer.with { server in
                let url = ConfigurationNode(.scalar(server.socketURL, isQuoted: true))
                let options = ConfigurationNode(.map([.init(key: "url", node: url)]))
                let broker = BrokerConfiguration("events", provider: "redis-streams", options: options)
                let registry = try RegistryFixture.registry(streams, brokers: [broker], observers: observers)
                try await withBrokerRegistry(registry) { _ in
                } body: {
                    try await body($0, server)
                }
            }
        }
    }

    @Test(arguments: Backend.allCases) func whatARemovedHandlerBufferedGoesToTheNextOne(_ backend: Backend) async throws
    {
        let (first, second, gate, traffic) = (Seen<String>(), Seen<String>(), Seen<Bool>(), Traffic())
        try await withRegistry(on: backend, observers: [traffic]) { registry, server in
            let id = try registry.add(
                StreamHandler("agent.*", group: "inbox") { delivery in
                    first.add(delivery.message.payload.string)
                    await gate.wait(for: 1)
                })
            for number in 1...4 { try await registry.publish(number, to: "agent.a") }
            await traffic.received.wait(for: 4)
            async let removal: Void = registry.remove(id)
            await traffic.released.wait(for: 3)
            gate.add(true)
            await removal
            let left = try await server?.command("XINFO", "CONSUMERS", "agent.a", "inbox").elements.map {
                $0.elements[1]?.string
            }
            #expect(left?.filter { $0 != "~parked" } ?? [] == [], "it has left the group")
            try registry.add(
                StreamHandler("agent.*", group: "inbox") { delivery in
                    second.add(delivery.message.payload.string + (delivery.attempt == 1 ? "" : " again"))
                })
            try await registry.publish(5, to: "agent.b")
            await second.wait(for: 4)
        }
        #expect(first.all == ["1"])
        #expect(Set(second.all) == ["2", "3", "4", "5"], "handing back does not count as an attempt")
    }

    @Test(arguments: Backend.allCases) func handlersComeAndGoAndEveryMessageIsHandledOnce(_ backend: Backend)
        async throws
    {
        let seen = Seen<String>()
        try await withRegistry(on: backend) { registry, _ in
            for round in 0..<5 {
                let id = try registry.add(
                    StreamHandler("agent.*", group: "inbox") { seen.add($0.stream.text + $0.message.payload.string) })
                for stream in 0...round { try await registry.publish(round, to: StreamName("agent.\(stream)-")) }
                await seen.wait(for: (round + 1) * (round + 2) / 2)
                await registry.remove(id)
            }
        }
        #expect(seen.all.count == 15)
        #expect(Set(seen.all).count == 15)
    }

    /// Recording it and beginning to run both started it: the consumer that was forgotten kept the registry from ending.
    @Test func aHandlerThatIsAddedWhileTheRegistryBeginsHasOneConsumer() async throws {
        for _ in 0..<100 {
            let (seen, traffic) = (Seen<String>(), Traffic())
            try await withRegistry(on: .memory, observers: [traffic]) { registry, _ in
                let id = try registry.add(
                    StreamHandler("agent.*", group: "inbox") { seen.add($0.message.payload.string) })
                try await registry.publish(1, to: "agent.a")
                await seen.wait(for: 1)
                await registry.remove(id)
            }
            #expect(traffic.joined.all.count == 1)
        }
    }
}

/// What was leased and what was handed back, one by one.
private final class Traffic: BrokerObserver {
    let received = Seen<MessageID>()
    let released = Seen<MessageID>()
    let joined = Seen<ConsumerName>()

    func observe(_ event: BrokerEvent) {
        switch event {
        case .received(let event): for message in event.messages { received.add(message.receipt.id) }
        case .settled(let event):
            for entry in event.entries where entry.kind == .release { released.add(entry.receipt.id) }
        case .subscribed(let consumer): joined.add(consumer.consumer)
        default: break
        }
    }
}
