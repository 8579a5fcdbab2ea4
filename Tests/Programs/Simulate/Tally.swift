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

/// What the seeds come to, added up.
struct Tally {
    private let seeds: ClosedRange<UInt64>
    private let began = ContinuousClock.now
    private var played = 0
    private var events = 0
    private var messages = 0
    private var forgotten = 0
    private var faults: [String: Int] = [:]
    private var traces: [UInt64: UInt64] = [:]
    private(set) var failures: [UInt64] = []

    init(seeds: ClosedRange<UInt64>) {
        self.seeds = seeds
    }

    /// Adds a seed; says at once what went wrong.
    mutating func add(_ result: SimulationResult) {
        played += 1
        events += result.events
        messages += result.messages
        forgotten += result.forgotten
        for (fault, times) in result.faults { faults[fault, default: 0] += times }
        if let report = result.report {
            failures.append(result.seed)
            print(report)
            // Who reads through a pipe sees a failure when it happens.
            fflush(nil)
        }
        guard Complaints.areWatched, played % 20 == 0 || played == seeds.count else { return }
        let end = played == seeds.count ? "\n" : ""
        Complaints.add("\r\(played) of \(seeds.count) seeds, \(failures.count) failed\(end)")
    }

    /// Keeps the hash of a seed's events for ``printTraces()``.
    mutating func keep(_ result: SimulationResult) {
        traces[result.seed] = result.trace
    }

    /// One line a seed.
    func printTraces() {
        for (seed, trace) in traces.sorted(by: { $0.key < $1.key }) { print(seed, String(trace, radix: 16)) }
    }

    /// How much was played, how fast, and what went wrong.
    func printSummary() {
        let passed = ContinuousClock.now - began
        let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
        print("seeds      \(seeds.lowerBound) to \(seeds.upperBound), \(failures.count) failed")
        print("events     \(events)")
        print("messages   \(messages), \(forgotten) forgotten by servers that lost what they had acknowledged")
        print("speed      \((Double(played) / seconds * 10).rounded() / 10) seeds a second")
        print("faults     \(faults.values.reduce(0, +))")
        for (fault, times) in faults.sorted(by: { $0.key < $1.key }) {
            print("  \(fault)\(String(repeating: " ", count: max(1, 28 - fault.count)))\(times)")
        }
        if !failures.isEmpty { print("failed     \(failures.sorted().map(String.init).joined(separator: " "))") }
    }
}
