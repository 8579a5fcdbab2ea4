// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A point of monotonic time in a process, in nanoseconds since the origin of its clock.
///
/// Leases, deadlines and waits use it, so that setting the wall clock does not change them.
public struct Instant: Sendable, Hashable, Comparable {
    /// Nanoseconds since the clock's origin.
    public var nanoseconds: Int64

    /// Before every other instant.
    public static let distantPast = Instant(nanoseconds: .min)
    /// After every other instant: never.
    public static let distantFuture = Instant(nanoseconds: .max)

    /// Makes an instant.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Returns whether the left is earlier.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Returns the instant that is later by the duration, limited to ``distantPast`` and ``distantFuture``.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingSaturating(duration.nanosecondsSaturating))
    }

    /// Returns the time from the right to the left. It is negative if the left is earlier.
    public static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanoseconds.subtractingSaturating(right.nanoseconds))
    }
}

extension Duration {
    /// The duration in nanoseconds, limited to the bounds of `Int64` (292 years).
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
    /// Returns the sum, or the bound that it would pass.
    package func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// Returns the difference, or the bound that it would pass.
    package func subtractingSaturating(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
