// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

extension AttacksOnWorkers {
    /// Many consumers that lose their server at the same moment.
    @Suite struct ReconnectStorm {
        /// Enough that chance alone fills no step with a quarter of them.
        static let consumers = 40
        /// What is looked at after the server came back, and in which steps.
        static let (window, step) = (Duration.seconds(2), Duration.milliseconds(50))

        @Test func consumersDoNotComeBackTogether() async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    let registries = try (0..<Self.consumers).map { _ in try registry(proxy.url) }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for registry in registries { group.addTask { try await registry.run() } }
                        try await expectSpread(server, proxy)
                        for registry in registries { registry.drain() }
                        try await group.waitForAll()
                    }
                }
            }
        }

        /// A machine that stalls lets clients come together too, but not each time.
        private func expectSpread(_ server: RedisServer, _ proxy: RedisProxy) async throws {
            var (arrivals, tries) = ([Duration](), 0)
            repeat {
                arrivals = try await storm(server, proxy)
                tries += 1
                print("storm: \(arrivals.count) connections in \(Self.window), \(fullest(arrivals)) in \(Self.step)")
            } while fullest(arrivals) * 4 > arrivals.count && tries < 3
            #expect(fullest(arrivals) * 4 <= arrivals.count)
            #expect(arrivals.count >= Self.consumers / 2)
            #expect(arrivals.count { $0 < .seconds(1) } <= 2 * Self.consumers)
        }

        /// A server that is lost and comes back after three seconds; returns when its clients came, counted from then.
        private func storm(_ server: RedisServer, _ proxy: RedisProxy) async throws -> [Duration] {
            try await everyConsumerReads(server)
            proxy.isRefusing = true
            proxy.cutConnections()
            try await Calm.pass(.seconds(3))
            let back = ContinuousClock.now
            proxy.isRefusing = false
            try await Calm.pass(Self.window)
            let arrivals = proxy.arrivals.map { $0 - back }.filter { $0 >= .zero && $0 < Self.window }
            try await everyConsumerReads(server)
            return arrivals
        }

        private func everyConsumerReads(_ server: RedisServer) async throws {
            try await eventually("every consumer reads") {
                try await server.command("INFO", "clients").string?.contains("blocked_clients:\(Self.consumers)")
                    == true
            }
        }

        /// How many came in the step in which most did.
        private func fullest(_ arrivals: [Duration]) -> Int {
            let steps = arrivals.reduce(into: [Int: Int]()) { $0[Int($1 / Self.step), default: 0] += 1 }
            return steps.values.max() ?? 0
        }

        private func registry(_ url: String) throws -> BrokerRegistry {
            let text = """
                version: 1
                brokers: { events: { provider: redis-streams, url: "\(url)" } }
                streams: { work: { groups: { crew: {} } } }
                """
            let report = ConfigurationLoader.inspect(
                Array(text.utf8), file: "storm.yaml", environment: nil, variables: [:],
                factories: BrokerRegistry.builtInProviders)
            let registry = try BrokerRegistry(report.usable)
            registry.handle("work", group: "crew") { _ in }
            return registry
        }
    }
}
