// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Synchronization
import Testing

/// Thousands of streams that match one pattern, most of them idle, behind one handler of a registry.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(2))) struct ThousandsOfStreamsTests {
    /// Which streams gave how many messages.
    private final class Tally: Sendable {
        private let counts = Mutex<[StreamName: Int]>([:])

        func note(_ stream: StreamName) { counts.withLock { $0[stream, default: 0] += 1 } }

        func count(of names: some Sequence<StreamName>) -> Int {
            counts.withLock { counts in names.reduce(0) { $0 + counts[$1, default: 0] } }
        }
    }

    @Test func twoThousandTakeAHandfulOfConnectionsAndComeAndGo() async throws {
        let names = (0..<2000).map { StreamName("agent.\($0)") }
        let (busy, late) = (names.prefix(20), (0..<20).map { StreamName("agent.late-\($0)") })
        try await RedisServer.with { server in
            try await withHandler(on: server) { tally, registry in
                try await publish(1, to: names, registry)
                try await eventually("each of 2,000 gave its message") { tally.count(of: names) == 2000 }
                try await expectFewConnections(server)

                try await publish(50, to: busy, registry)
                try await eventually("20 are busy") { tally.count(of: busy) == 20 * 51 }
                try await publish(1, to: late, registry)
                try await eventually("new ones are consumed") { tally.count(of: late) == 20 }
                try await expectFewConnections(server)

                try await delete(names.dropFirst(1000), on: server)
                try await eventually("those that are gone are let go") {
                    let left = try await server.command("KEYS", "{agent.1???}:*").elements.count
                    return try await server.command("SCARD", "~streams").integer == 1020 && left == 0
                }
                try await publish(1, to: names.suffix(20), registry)
                try await eventually("some come again") { tally.count(of: names.suffix(20)) == 40 }
                try await expectFewConnections(server)
            }
        }
    }

    /// Runs `body` beside a registry that counts what comes from `agent.*`.
    private func withHandler(
        on server: RedisServer, _ body: @escaping @Sendable (Tally, BrokerRegistry) async throws -> Void
    ) async throws {
        let url = ConfigurationNode(.scalar(server.url, isQuoted: true))
        let options = ConfigurationNode(.map([.init(key: "url", node: url)]))
        let registry = try BrokerRegistry(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "redis-streams", options: options)],
                streams: [StreamConfiguration("agent.*", groups: [GroupConfiguration("inbox")])]),
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
        let tally = Tally()
        try await withBrokerRegistry(registry) { registry in
            registry.handle("agent.*", group: "inbox") { tally.note($0.stream) }
        } body: { registry in
            try await body(tally, registry)
        }
    }

    private func publish(_ count: Int, to names: some Sequence<StreamName>, _ registry: BrokerRegistry) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for name in names {
                group.addTask {
                    let batch = (0..<count).map { Message(Payload("\($0)")) }
                    for result in await registry.publish(batch: batch, to: name) { _ = try result.get() }
                }
            }
            try await group.waitForAll()
        }
    }

    private func delete(_ names: some Collection<StreamName>, on server: RedisServer) async throws {
        var commands = RedisCommands()
        commands.begin(1 + names.count, "DEL")
        for name in names { commands.add(name.text) }
        let link = try server.link()
        #expect(try await link.connection().submit(commands).reply().integer == names.count)
        await link.close()
    }

    /// Publishing, commands, reads; and who asks.
    private func expectFewConnections(_ server: RedisServer) async throws {
        let clients = try await server.command("CLIENT", "LIST").string ?? ""
        #expect(clients.split(separator: "\n").count <= 4, "\(clients)")
    }
}
