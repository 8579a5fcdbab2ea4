// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A connection that breaks, and load on top: nothing is lost, nothing is made up.
enum DisturbanceChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("a connection cut at a third and at half loses nothing", needs: .redelivery, reconnect),
        ConformanceCheck(
            "a flaky connection, failing handlers and vanishing consumers lose nothing", needs: .redelivery, stress),
    ]

    @Sendable static func reconnect(_ bench: ConformanceBench) async throws {
        let faulty = FaultInjectingProvider(bench.provider)
        let load = LoadRun(bench, through: faulty, publishers: 10, messages: 60)
        try await load.join(consumers: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            load.start(in: &group)
            group.addTask {
                for part in [3, 2] {
                    while load.ledger.confirmed < load.total / part { await bench.time.pass(bench.visibility / 200) }
                    faulty.faults.cut()
                    await bench.time.pass(bench.visibility / 3)
                    faulty.faults.restore()
                }
            }
            try await group.waitForAll()
        }
        try load.ledger.verify()
        try expect(faulty.faults.injected[.cut, default: 0] > 0, "the cuts struck")
    }

    @Sendable static func stress(_ bench: ConformanceBench) async throws {
        let faulty = FaultInjectingProvider(bench.provider)
        let load = LoadRun(bench, through: faulty, publishers: 8, messages: 50)
        try await load.join(consumers: 6)
        faulty.faults.misbehave(rates: [.refuse: 0.05, .loseReply: 0.05], seed: 7)
        load.setMood(HandlerMood(retry: 0.15, release: 0.1, vanish: 0.02))
        try await withThrowingTaskGroup(of: Void.self) { group in
            load.start(in: &group)
            try await group.waitForAll()
        }
        try load.ledger.verify()
        for fault in [InjectedFault.refuse, .loseReply] {
            try expect(faulty.faults.injected[fault, default: 0] > 0, "the fault \(fault) struck")
        }
    }
}
