// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How one measure of the head stands to the base's.
struct Change: Encodable {
    enum Verdict: String, Encodable {
        case better, worse, same
    }

    /// Less than this may come from where the linker put the code.
    private static let leastChange = 0.02

    /// The medians of all rounds.
    var base: Double
    var head: Double
    /// Head to base, the median of the ratios within a round: what the machine did meanwhile affected both sides of it.
    var ratio: Double
    /// Where the median of ever more rounds would lie, with a confidence of 95 %.
    var interval: ClosedRange<Double>
    /// What the ratio says when the interval is on one side of one, and the ratio is at least 2 % from it.
    var verdict: Verdict

    /// Compares pairs of measures, one of each round; `nil` when there are none, or when a side came to nothing.
    init?(_ pairs: [(base: Double, head: Double)], isGreaterBetter: Bool) {
        guard !pairs.isEmpty, pairs.allSatisfy({ $0.base > 0 && $0.head > 0 }) else { return nil }
        let ratios = pairs.map { $0.head / $0.base }.sorted()
        base = Self.median(pairs.map(\.base).sorted())
        head = Self.median(pairs.map(\.head).sorted())
        ratio = Self.median(ratios)
        guard let interval = MedianInterval(of: ratios.count) else {
            (self.interval, verdict) = (ratios[0]...ratios[ratios.count - 1], .same)
            return
        }
        self.interval = ratios[interval.first]...ratios[interval.last]
        // A quotient, because half and double are the same distance.
        switch ratio {
        case (1 + Self.leastChange)... where self.interval.lowerBound > 1: verdict = isGreaterBetter ? .better : .worse
        case ...(1 / (1 + Self.leastChange)) where self.interval.upperBound < 1:
            verdict = isGreaterBetter ? .worse : .better
        default: verdict = .same
        }
    }

    private static func median(_ sorted: some Collection<Double>) -> Double {
        let sorted = Array(sorted)
        return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }
}
