// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// The code of docs/replay.md.
private enum ReplayPage {
    static func replay(_ registry: BrokerRegistry, from first: MessageID, through last: MessageID) async throws {
        let broker = try registry.broker(of: "orders")
        var report = try await broker.replay(first...last, of: "orders", into: "orders.audit")
        while let rest = report.rest, report.failure?.isRetryable == true {
            report = try await broker.replay(rest, of: "orders", into: "orders.audit")
        }
    }

    static func rewind(_ broker: Broker, to yesterday: Timestamp) async throws {
        try await broker.rewind("billing", of: "orders", to: .time(yesterday))
    }

    static func replayDeadLetters(_ registry: BrokerRegistry) async throws {
        let report = try await registry.broker(of: "orders").replayDeadLetters(of: "orders", for: "billing")
        print("put back \(report.replayed), left \(report.skipped)")
    }

    static func replaySomeDeadLetters(_ broker: Broker) async throws -> DeadLetterReplay {
        let filter = DeadLetterFilter(reasons: [.attempts, .crashed], error: "connection refused")
        let report = try await broker.replayDeadLetters(of: "orders", for: "billing", matching: filter, limit: 100)
        return report
    }
}
