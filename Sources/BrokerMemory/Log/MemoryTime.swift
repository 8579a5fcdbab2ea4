// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import HeapModule

/// The time of one call, read once, so that the log needs no clock.
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

/// When entries become due: a heap over time and id.
///
/// It is an index of the pending list. A line is stale if its entry is not parked for that time any more, and the
/// reader skips it.
struct Timetable: Sendable {
    /// One entry and when it is due.
    struct Line: Sendable, Comparable {
        /// When it is due, in nanoseconds of monotonic time.
        let time: Int64
        /// The entry.
        let id: MessageID

        /// Orders lines by time, and equal times by the order of the stream.
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

/// The times before which no lease of a group expires, so that a look for expired leases is usually cheap.
///
/// They are lower bounds. A lease that was extended or settled leaves them too low, which costs one look that finds
/// nothing.
struct LeaseExpiries: Sendable {
    /// For leases that do not make a suspect, in nanoseconds of monotonic time.
    var ordinary = Int64.max
    /// For leases that make a suspect, in nanoseconds of monotonic time.
    var suspect = Int64.max

    /// Returns the time before which no lease expires for a consumer that may lease suspects, or may not.
    func earliest(suspects: Bool) -> Int64 {
        suspects ? min(ordinary, suspect) : ordinary
    }

    /// Lowers the bounds for a lease that was made, extended or found.
    mutating func note(_ entry: PendingEntry) {
        if entry.makesSuspect {
            suspect = min(suspect, entry.expiry())
        } else {
            ordinary = min(ordinary, entry.expiry())
        }
    }
}
