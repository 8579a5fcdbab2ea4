// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The engine in seeded disorder: faults, deaths, odd handlers, then peace, in which everything must come to its end.
@Suite(.timeLimit(.minutes(10))) struct SimulationTests {
    /// How many seeds; more by the variable SIMULATION_SEEDS, as a number or as `first...last`.
    private static let seeds: ClosedRange<UInt64> = {
        let parts = getenv("SIMULATION_SEEDS").map { String(cString: $0) }?.split(separator: ".") ?? []
        let bounds = parts.compactMap { UInt64($0) }
        guard let last = bounds.last, last > 0 else { return 1...60 }
        return min(bounds.count > 1 ? bounds[0] : 1, last)...last
    }()

    @Test func disorderBreaksNoPromiseAndPeaceSettlesEverything() async {
        for seed in Self.seeds {
            let simulation = Simulation(seed: seed)
            await simulation.run()
            if let report = simulation.report { Issue.record("\(report)") }
        }
    }

    @Test(arguments: 1...5) func aSeedGivesTheSameTraceTwice(_ seed: UInt64) async {
        let first = Simulation(seed: seed)
        await first.run()
        let second = Simulation(seed: seed)
        await second.run()
        let pairs = zip(first.chronicle.lines, second.chronicle.lines)
        let difference = pairs.first { $0 != $1 }
        #expect(difference == nil)
        #expect(first.chronicle.lines.count == second.chronicle.lines.count)
    }
}
