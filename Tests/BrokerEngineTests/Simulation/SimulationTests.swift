// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerSimulation
import RedisTestSupport
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
        guard let last = bounds.last, last > 0 else { return 1...100 }
        return min(bounds.count > 1 ? bounds[0] : 1, last)...last
    }()

    @Test func disorderBreaksNoPromiseAndPeaceSettlesEverything() async {
        for seed in Self.seeds {
            if let report = await Simulation(seed: seed).run().report { Issue.record("\(report)") }
        }
    }

    @Test(arguments: 1...5) func aSeedGivesTheSameTraceTwice(_ seed: UInt64) async {
        let first = Simulation(seed: seed, keepsTrace: true)
        let second = Simulation(seed: seed, keepsTrace: true)
        let traces = [await first.run().trace, await second.run().trace]
        let difference = zip(first.lines, second.lines).first { $0 != $1 }
        #expect(difference == nil)
        #expect(traces[0] == traces[1])
    }

    /// Another process hashes its dictionaries by other seeds, unless it is told not to.
    @Test(arguments: [nil, "1"]) func aSeedGivesTheSameTraceInAnotherProcess(_ hashing: String?) async throws {
        var here = ""
        for seed in UInt64(1)...20 {
            here += "\(seed) \(String(await Simulation(seed: seed).run().trace, radix: 16))\n"
        }
        let there = try await output(
            of: "Simulate", ["--traces", "1", "20"], environment: ["SWIFT_DETERMINISTIC_HASHING": hashing])
        #expect(here == there)
    }
}
