// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The model and a real server do the same, whatever the calls.
@Suite("Model and server", .timeLimit(.minutes(20))) struct DifferentialTests {
    /// How many sequences; more by the variable DIFFERENTIAL_SEEDS, as a number or as `first...last`.
    private static let seeds: ClosedRange<UInt64> = {
        let parts = getenv("DIFFERENTIAL_SEEDS").map { String(cString: $0) }?.split(separator: ".") ?? []
        let bounds = parts.compactMap { UInt64($0) }
        guard let last = bounds.last, last > 0 else { return 1...100 }
        return min(bounds.count > 1 ? bounds[0] : 1, last)...last
    }()

    /// The number of servers that are kept busy at a time.
    private static let lanes: UInt64 = 2
    /// The number of failures of a lane that are shrunk and shown.
    private static let shown = 3

    @Test func sequencesDoTheSameOnBoth() async throws {
        let tally = try await withThrowingTaskGroup(of: DifferentialTally.self) { group in
            for lane in 0..<Self.lanes { group.addTask { try await Self.run(lane: lane) } }
            return try await group.reduce(into: DifferentialTally()) { $0 += $1 }
        }
        print(tally)
    }

    private static func run(lane: UInt64) async throws -> DifferentialTally {
        try await DifferentialRig.with { rig in
            var tally = DifferentialTally()
            var failures = 0
            for seed in seeds where seed % lanes == lane && failures < shown {
                guard let (sequence, difference) = try await rig.run(seed: seed, &tally) else { continue }
                var shrinking = Shrinking(sequence, difference) { try await rig.run($0) }
                try await shrinking.shrink()
                Issue.record("seed \(seed): \(shrinking.difference)\n\(shrinking.sequence)")
                failures += 1
            }
            return tally
        }
    }
}
