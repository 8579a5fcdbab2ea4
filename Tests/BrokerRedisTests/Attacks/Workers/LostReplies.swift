// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// The server has done it, and nobody hears of it: one process, whose connections are cut inside a reply.
    @Suite struct LostReplies {
        /// How much of the reply arrives: nothing, half of it, all but the end.
        static let places = [0, 500, 999]

        @Test(arguments: places) func ofAReadStrandsNothing(perMille: Int) async throws {
            try await attack(["20"]) {
                $0.inject(.cut(perMille: perMille)) { $0.hasReadMessages }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 1 })
            }
        }

        @Test(arguments: places) func ofTheQueryForWhatWasLostStrandsNothing(perMille: Int) async throws {
            try await attack(["20"]) { proxy in
                proxy.inject(.cut(perMille: 500)) { $0.hasReadMessages }
                proxy.inject(.cut(perMille: perMille)) { $0.name == "XPENDING" && $0.command.count == 7 }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 1 })
            }
        }

        @Test(arguments: places) func ofASweepOfExpiredLeasesStrandsNothing(perMille: Int) async throws {
            try await attack(["20"], leaser: "ghost@900") { proxy in
                proxy.inject(.cut(perMille: perMille)) { $0.hasLeased(5) }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 1 })
            }
        }

        @Test(arguments: places) func ofASweepOfDueRetriesStrandsNothing(perMille: Int) async throws {
            try await attack(["0 stumble"]) {
                $0.inject(.cut(perMille: perMille)) { $0.hasLeased(6) }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 2 })
            }
        }

        @Test(arguments: places) func ofARetryLetsItHappenOnce(perMille: Int) async throws {
            try await attack(["0 stumble"]) { proxy in
                proxy.inject(.cut(perMille: perMille)) { $0.isCall(of: RedisScripts.park) }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 2 })
            }
        }

        @Test(arguments: places) func ofAnExtensionLosesNoLease(perMille: Int) async throws {
            try await attack(["1500"]) { proxy in
                proxy.inject(.cut(perMille: perMille)) { $0.isCall(of: RedisScripts.extend) }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 1 })
                #expect(lines.of("lost").isEmpty)
            }
        }

        @Test(arguments: places) func ofAnAckHandlesNothingTwice(perMille: Int) async throws {
            try await attack(["20"]) {
                $0.inject(.cut(perMille: perMille), times: 2) { $0.name == "XACK" }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 1 })
            }
        }

        @Test(arguments: places) func ofADeadLetterWritesNoSecondOne(perMille: Int) async throws {
            try await attack(["0 reject", "20"], letters: 10) { proxy in
                proxy.inject(.cut(perMille: perMille)) { $0.isCall(of: RedisScripts.dead) }
            } check: { lines in
                #expect(lines.begins.values.allSatisfy { $0 == 1 })
            }
        }

        /// Publishes twenty messages to a worker behind a proxy, and waits until all are settled.
        ///
        /// - Parameter leaser: The consumer that leases the messages before the worker can and never handles them.
        private func attack(
            _ errands: [String], letters: Int = 0, leaser: String? = nil, location: SourceLocation = #_sourceLocation,
            arm: (RedisProxy) -> Void, check: ([LedgerLine]) -> Void
        ) async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    var settings = WorkerSettings(proxy.url)
                    (settings.visibility, settings.concurrency) = (900, 20)
                    try await Supervisor.with(1, settings) { crew in
                        try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                        arm(proxy)
                        let texts = (0..<20).map { "\($0) \(errands[$0 % errands.count])" }
                        if let leaser {
                            try await server.publish(texts, to: "work", leasedBy: leaser, in: "crew")
                        } else {
                            try await server.publish(texts, to: "work")
                        }
                        try await crew.wait(for: "every message") { lines in
                            lines.handled.count == 20 - letters && lines.settled("deadLetter").count == letters
                        }
                        try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                        #expect(proxy.strikes > 0, sourceLocation: location)
                        #expect(crew.lines.doubled.isEmpty, sourceLocation: location)
                        let written = try await server.command("XLEN", "{work}:dead").integer
                        #expect(written == letters, sourceLocation: location)
                        check(crew.lines)
                    }
                }
            }
        }
    }
}

extension ProxyExchange {
    /// Whether a sweep has leased something; `place` is that of the expired or of the due ones in its answer.
    fileprivate func hasLeased(_ place: Int) -> Bool {
        isCall(of: RedisScripts.sweep) && (reply.elements[place]?.elements.count ?? 0) > 0
    }
}
