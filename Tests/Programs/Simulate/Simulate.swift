// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerSimulation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Plays seeds of the simulation: `Simulate [--traces] [--until-failure] [--jobs n] first last`.
///
/// The summary goes to stdout, progress to stderr if that is a terminal. Ends with 1 when a seed fails.
@main struct Simulate {
    static func main() async {
        guard let order = Order(CommandLine.arguments.dropFirst()) else {
            Complaints.add("usage: Simulate [--traces] [--until-failure] [--jobs N] FIRST LAST\n")
            exit(64)
        }
        var tally = Tally(seeds: order.seeds)
        await withTaskGroup(of: SimulationResult.self) { group in
            var rest = order.seeds.makeIterator()
            for _ in 0..<order.jobs { if let seed = rest.next() { group.addTask { await play(seed) } } }
            for await result in group {
                if let seed = rest.next() { group.addTask { await play(seed) } }
                tally.add(result)
                // Not by the end of the group: a broken engine may never let go of a seed that is under way.
                if order.endsWithFailure, !tally.failures.isEmpty { exit(1) }
                if order.onlyTraces { tally.keep(result) }
            }
        }
        if order.onlyTraces { tally.printTraces() } else { tally.printSummary() }
        exit(tally.failures.isEmpty ? 0 : 1)
    }

    private static func play(_ seed: UInt64) async -> SimulationResult {
        await Simulation(seed: seed).run()
    }
}
