// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import HeapModule

/// The time of one call, read once: what the log knows of clocks.
package struct MemoryTime: Sendable {
    /// The monotonic time, for leases and delays.
    package var now: Instant
    /// The wall-clock time, for ids, ages and texts.
    package var timestamp: Timestamp

    /// Makes a time of its two readings.
    package init(now: Instant, timestamp: Timestamp) {
        self.now = now
        self.timestamp = timestamp
    }

    /// Reads both times of a clock.
    package init(of clock: any BrokerClock) {
        self.init(now: clock.now, timestamp: clock.timestamp)
    }
}

/// Which entries become due when: a heap over time and id.
///
/// An index beside the pending list, which is the truth: a line whose entry is no longer parked for that time is stale
/// and is skipped by the reader.
struct Timetable: Sendable {
    /// One entry and when it is due.
    struct Line: Sendable, Comparable {
        /// When, in nanoseconds of the monotonic clock.
        let time: Int64
        /// The entry.
        let id: MessageID

        /// Earlier first; at equal times in the order of the stream.
        static func < (left: Line, right: Line) -> Bool {
            left.time == right.time ? left.id < right.id : left.time < right.time
        }
    }

    private var lines = Heap<Line>()

    /// The line that is due first.
    var first: Line? { lines.min }

    /// Adds a line.
    mutating func insert(_ line: Line) {
        lines.insert(line)
    }

    /// Removes the line that is due first, if there is one.
    mutating func removeFirst() {
        _ = lines.popMin()
    }
}

/// The times before which no lease of a group runs out, so that looking for expired leases is mostly no work.
///
/// Bounds from below: a lease that was extended or settled meanwhile leaves them too low, which costs a look in vain.
struct LeaseExpiries: Sendable {
    /// Of leases that make no suspect, in nanoseconds of the monotonic clock.
    var ordinary = Int64.max
    /// Of leases that make a suspect, in nanoseconds of the monotonic clock.
    var suspect = Int64.max

    /// The time before which a consumer that may have suspects, or not, finds nothing.
    func earliest(suspects: Bool) -> Int64 {
        suspects ? min(ordinary, suspect) : ordinary
    }

    /// Lowers the bounds for a lease that was just made, extended or seen.
    mutating func note(_ entry: PendingEntry) {
        if entry.makesSuspect {
            suspect = min(suspect, entry.expiry())
        } else {
            ordinary = min(ordinary, entry.expiry())
        }
    }
}
