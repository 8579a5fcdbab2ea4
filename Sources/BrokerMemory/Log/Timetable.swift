// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import HeapModule

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
