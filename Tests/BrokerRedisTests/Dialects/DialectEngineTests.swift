// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Logging
import RedisTestSupport
import StreamBroker
import Synchronization
import Testing

/// The whole engine on a server that loses what it reads from.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct DialectEngineTests {
    /// Tells of calls that failed and of messages that were handled.
    private final class Watch: BrokerObserver {
        let failures = Seen<ContinuousClock.Instant>()
        let bodies = Seen<String>()

        func observe(_ event: BrokerEvent) {
            if case .callFailed = event { failures.add(.now) }
        }
    }

    private func run(
        _ dialect: Dialect, reads: [ScriptedServer.Answer],
        _ body: @escaping @Sendable (ScriptedServer, Watch) async throws -> Void
    ) async throws {
        let script = DialectScript(dialect, reads: reads)
        try await ScriptedServer.with {
            script.respond(to: $0)
        } _: { server in
            let watch = Watch()
            let url = ConfigurationNode(.scalar("redis://127.0.0.1:\(server.port)", isQuoted: true))
            let broker = BrokerConfiguration(
                "events", provider: "redis-streams", options: ConfigurationNode(.map([.init(key: "url", node: url)])))
            let registry = try BrokerRegistry(
                BrokersConfiguration(
                    brokers: [broker], streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing")])]
                ),
                observers: [watch], logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
            try await withBrokerRegistry(registry) { registry in
                registry.handle("orders", group: "billing") { watch.bodies.add($0.message.payload.string) }
            } body: { _ in
                try await body(server, watch)
            }
        }
    }

    @Test(arguments: Dialect.allCases)
    func theConsumerGoesOnWhereItStood(_ dialect: Dialect) async throws {
        let blocked = HeldAnswer()
        let late: [ScriptedServer.Answer] = dialect.isLate ? [.bytes(Dialect.noGroup.bytes)] : []
        let reads = [DialectScript.messages("before"), .held(blocked)] + late + [DialectScript.messages("again")]
        try await run(dialect, reads: reads) { server, watch in
            #expect(await watch.bodies.wait(for: 1) == ["before"])
            blocked.give(.bytes(dialect.keyVanished.bytes))
            #expect(await watch.bodies.wait(for: 2) == ["before", "again"])
            #expect(await watch.failures.wait(for: 0).isEmpty, "a lost group is no failure")
        }
    }

    /// The first pause is 50 ms at least, the second 100.
    @Test(arguments: [Dialect.redis6_2, .redis7_2])
    func somethingElseUnderTheKeyIsNoHotLoop(_ dialect: Dialect) async throws {
        let refusals = [ScriptedServer.Answer](repeating: .bytes(Dialect.wrongType.bytes), count: 3)
        try await run(dialect, reads: refusals + [DialectScript.messages("again")]) { server, watch in
            #expect(await watch.bodies.wait(for: 1) == ["again"])
            let failures = await watch.failures.wait(for: 3)
            #expect(failures.count == 3)
            #expect(failures[2] - failures[0] >= .milliseconds(150))
        }
    }
}
