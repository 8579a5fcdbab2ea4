// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A connection that breaks under load: nothing is lost, and nothing is invented.
enum DisturbanceChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck("a connection cut at a third and at half loses nothing", needs: .redelivery, reconnect),
        ConformanceCheck(
            "a flaky connection, failing handlers and vanishing consumers lose nothing", needs: .redelivery, stress),
        ConformanceCheck(
            "publishing, extending and settling run to their end in a cancelled task, although the connection was lost",
            cancelled),
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

    @Sendable static func cancelled(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let subscription = try await bench.join(stream)
        try await bench.publish(2, to: stream)
        let messages = try await bench.collect(2, from: subscription)
        try await bench.disconnect()
        _ = try await inACancelledTask { try await bench.publish(1, to: bench.stream("other")) }
        try await bench.disconnect()
        let extended = try await inACancelledTask { try await subscription.extend(messages.map(\.receipt)) }
        try expect(extended.map(\.kind), is: [.done, .done], "outcomes of extending")
        try await bench.disconnect()
        let settled = try await inACancelledTask { try await bench.settle(messages, .ack, on: subscription) }
        try expect(settled.map(\.kind), is: [.done, .done], "outcomes of settling")
    }

    private static func inACancelledTask<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        async let value = {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await body()
        }()
        return try await value
    }

    @Sendable static func stress(_ bench: ConformanceBench) async throws {
        let faulty = FaultInjectingProvider(bench.provider)
        let load = LoadRun(bench, through: faulty, publishers: 8, messages: 50)
        try await load.join(consumers: 6)
        faulty.faults.misbehave(rates: [.refuse: 0.05, .loseReply: 0.05], seed: 7)
        load.setRates(HandlerRates(retry: 0.15, release: 0.1, vanish: 0.02))
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
