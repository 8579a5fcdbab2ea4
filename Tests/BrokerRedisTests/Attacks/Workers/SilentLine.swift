// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// The server has done it and nobody hears of it: one connection of several falls silent and stays open.
    @Suite struct SilentLine {
        @Test func underAReadStrandsNothing() async throws {
            try await attack(milliseconds: 20) { $0.hasReadMessages }
        }

        @Test func underAnAckHandlesNothingTwice() async throws {
            try await attack(milliseconds: 20) { $0.name == "XACK" }
        }

        /// The handlers run for longer than the lease that could not be extended at first, and the server may be silent
        /// for longer than that otherwise.
        @Test func underAnExtensionLosesNoLease() async throws {
            try await attack(milliseconds: 4500) { $0.isCall(of: RedisScripts.extend) }
        }

        private func attack(
            milliseconds: Int, location: SourceLocation = #_sourceLocation,
            where matches: @escaping @Sendable (ProxyExchange) -> Bool
        ) async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    var settings = WorkerSettings(proxy.url)
                    (settings.visibility, settings.concurrency) = (3000, 20)
                    try await Supervisor.with(1, settings) { crew in
                        try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                        proxy.inject(.stall, where: matches)
                        try await server.publish((0..<20).map { "\($0) \(milliseconds)" }, to: "work")
                        try await crew.wait(for: "every message") { $0.handled.count == 20 }
                        try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                        #expect(proxy.strikes == 1, sourceLocation: location)
                        #expect(crew.lines.begins.values.allSatisfy { $0 == 1 }, sourceLocation: location)
                        #expect(crew.lines.of("lost").isEmpty, sourceLocation: location)
                    }
                }
            }
        }
    }
}
