// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension Duration {
    /// The duration in nanoseconds; what does not fit stops at the bounds of `Int64` (292 years).
    package var nanosecondsSaturating: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return whole.addingSaturating(attoseconds / 1_000_000_000)
    }

    /// The duration in milliseconds, rounded up, so that a wait is never too short.
    package var millisecondsRoundedUp: Int64 {
        let nanoseconds = nanosecondsSaturating
        let whole = nanoseconds / 1_000_000
        return nanoseconds % 1_000_000 > 0 ? whole + 1 : whole
    }

    /// The duration in seconds, for arithmetic that may lose precision.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

extension Int64 {
    /// The sum, or the bound it would pass.
    package func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the bound it would pass.
    package func subtractingSaturating(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
