// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit

/// What came of one seed.
package struct SimulationResult: Sendable {
    /// The seed.
    package let seed: UInt64
    /// How many events there were.
    package let events: Int
    /// A hash of all that happened: equal in every process.
    package let trace: UInt64
    /// How many messages were published.
    package let messages: Int
    /// How many messages a server had acknowledged and lost by a restart.
    package let forgotten: Int
    /// How often each fault struck.
    package let faults: [String: Int]
    /// What went wrong first; empty when nothing did.
    package let violations: [String]
    /// What happened before that, and that.
    package let before: [String]

    init(of simulation: Simulation) {
        seed = simulation.seed
        let chronicle = simulation.chronicle
        let (count, hash) = chronicle.trace
        events = count
        trace = hash
        (messages, forgotten) = chronicle.read { ($0.stored.count, $0.forgotten.count) }
        var faults = simulation.world.disorders
        for (name, times) in simulation.world.server.counts { faults[name, default: 0] += times }
        for process in simulation.all {
            for (fault, times) in process.faults.injected { faults["call: \(fault)", default: 0] += times }
        }
        self.faults = faults
        let failure = chronicle.failure
        violations = failure?.violations ?? []
        before = failure?.before ?? []
    }

    /// The seed, what went wrong, and the events before; `nil` when nothing did.
    package var report: String? {
        violations.isEmpty ? nil : "seed \(seed): \(violations)\n" + before.joined(separator: "\n")
    }
}
