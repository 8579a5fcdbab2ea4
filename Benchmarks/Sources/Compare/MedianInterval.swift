// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Between which of some sorted values the median of what they are drawn from lies, with a confidence of 95 %.
///
/// As many draws lie below that median as heads come of as many coins. So this needs nothing of the values but their
/// order: rounds during which the machine did something else may be as odd as they like.
struct MedianInterval {
    /// The fewest values that can be so sure: of five, all lie on one side of the median in one case of sixteen.
    static let leastCount = 6
    private static let confidence = 0.95

    /// The places of the two values in the sorted ones, from zero.
    let first: Int
    let last: Int

    /// The narrowest interval for `count` values; `nil` for too few.
    init?(of count: Int) {
        guard count >= Self.leastCount else { return nil }
        let tail = (1 - Self.confidence) / 2
        // The probability that exactly `heads` of `count` coins show heads, and that at most so many do.
        var exactly = (0..<count).reduce(1.0) { probability, _ in probability / 2 }
        var atMost = exactly
        var heads = 0
        while true {
            exactly *= Double(count - heads) / Double(heads + 1)
            guard atMost + exactly <= tail else { break }
            atMost += exactly
            heads += 1
        }
        first = heads
        last = count - 1 - heads
    }
}
