// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The end of every run: all trouble is over, and everything must come to its end.
extension DifferentialRun {
    private static let rounds = 12

    /// Subscribes a new consumer in every group that there was, and acknowledges all that comes, until nothing is left on
    /// either side, in the sorted sets neither.
    mutating func drain() async throws {
        var consumers: [Int] = []
        for (stream, groups) in joined.enumerated() {
            for group in groups.sorted() {
                let consumer = 1000 + consumers.count
                try await make(.join(consumer, group: group, of: stream))
                consumers.append(consumer)
            }
        }
        for _ in 0..<Self.rounds {
            for consumer in consumers { try await empty(consumer) }
            if try await isDrained() { return }
            // More than the visibility timeout and the longest delay.
            try await make(.pass(Int(visibility.millisecondsRoundedUp) + 60_000))
        }
        throw Difference("it does not drain: \(states), loose \(loose)")
    }

    private mutating func empty(_ consumer: Int) async throws {
        guard let place = place(of: consumer) else { return }
        for _ in 0..<50 {
            clients[place].leases = [:]
            try await make(.receive(consumer, limit: 10))
            let held = clients[place].leases.keys.sorted()
            if held.isEmpty { return }
            try await make(.settle(consumer, held.map { .lease($0, 1, .ack) }))
        }
        throw Difference("consumer \(consumer) is given more and more")
    }

    private func isDrained() async throws -> Bool {
        let found = try await serverStates()
        for (stream, groups) in joined.enumerated() {
            for group in groups {
                let empty = GroupState()
                if states[stream].groups[group] != empty || found[stream].groups[group] != empty { return false }
            }
        }
        return true
    }
}
