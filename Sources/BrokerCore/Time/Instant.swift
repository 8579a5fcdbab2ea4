// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A point on the monotonic clock of a process, in nanoseconds since an origin of that clock's own.
///
/// Leases, deadlines and waits are measured with it, so that a wall clock that is set changes none of them.
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

    /// Whether the left is earlier.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant that much later; stops at ``distantFuture`` and ``distantPast``.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingSaturating(duration.nanosecondsSaturating))
    }

    /// The time from the right to the left; negative when the left is earlier.
    public static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanoseconds.subtractingSaturating(right.nanoseconds))
    }
}
