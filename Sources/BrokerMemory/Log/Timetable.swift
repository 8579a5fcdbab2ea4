// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Which entries become due when: a binary heap over time and id.
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

    private var lines: [Line] = []

    /// The line that is due first.
    var first: Line? { lines.first }

    /// Adds a line.
    mutating func insert(_ line: Line) {
        lines.append(line)
        var child = lines.count - 1
        while child > 0, lines[child] < lines[(child - 1) / 2] {
            lines.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes the line that is due first, if there is one.
    mutating func removeFirst() {
        guard let last = lines.popLast(), !lines.isEmpty else { return }
        lines[0] = last
        var parent = 0
        while let child = lesserChild(of: parent), lines[child] < lines[parent] {
            lines.swapAt(child, parent)
            parent = child
        }
    }

    private func lesserChild(of parent: Int) -> Int? {
        let left = 2 * parent + 1
        guard left < lines.count else { return nil }
        return left + 1 < lines.count && lines[left + 1] < lines[left] ? left + 1 : left
    }
}
