// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How one measure of the head stands to the base's.
struct Change: Encodable {
    enum Verdict: String, Encodable {
        case better, worse, same
    }

    /// Less than this is lost in the noise of any machine.
    private static let leastSpread = 0.03

    /// The medians of all rounds.
    var base: Double
    var head: Double
    /// Head to base, the median of the ratios within a round: what the machine did meanwhile affected both sides of it.
    var ratio: Double
    /// How far apart the middle half of these ratios is, at least 3 %: 0.5 when its greatest is 1.5 times its least.
    var spread: Double
    /// What the ratio says when it is further from one than the spread.
    var verdict: Verdict

    /// Compares pairs of measures, one of each round; `nil` when there are none, or when a side came to nothing.
    init?(_ pairs: [(base: Double, head: Double)], isGreaterBetter: Bool) {
        guard !pairs.isEmpty, pairs.allSatisfy({ $0.base > 0 && $0.head > 0 }) else { return nil }
        let ratios = pairs.map { $0.head / $0.base }.sorted()
        let half = ratios.count / 2
        base = Self.median(pairs.map(\.base).sorted())
        head = Self.median(pairs.map(\.head).sorted())
        ratio = Self.median(ratios)
        // The medians of the lower and of the upper half: one odd round in each half changes nothing.
        // A quotient, because half and double are the same distance.
        let middle = half > 0 ? Self.median(ratios.suffix(half)) / Self.median(ratios.prefix(half)) - 1 : 0
        spread = max(Self.leastSpread, middle)
        switch ratio {
        case (1 + spread)...: verdict = isGreaterBetter ? .better : .worse
        case ...(1 / (1 + spread)): verdict = isGreaterBetter ? .worse : .better
        default: verdict = .same
        }
    }

    private static func median(_ sorted: some Collection<Double>) -> Double {
        let sorted = Array(sorted)
        return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
    }
}
