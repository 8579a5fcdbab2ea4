// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A point in wall-clock time, in milliseconds since 1970, as servers write it into ids.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public var milliseconds: Int64

    /// Makes a timestamp.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Whether the left is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The timestamp that much later, in whole milliseconds rounded up.
    public static func + (timestamp: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(milliseconds: timestamp.milliseconds.addingSaturating(duration.millisecondsRoundedUp))
    }

    /// The time from the right to the left; negative when the left is earlier.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds.subtractingSaturating(right.milliseconds))
    }
}
