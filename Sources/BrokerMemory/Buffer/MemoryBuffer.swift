// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule

/// What a bounded log knows of everything it keeps: how much there is, and in which order it came.
///
/// Lines of entries that are gone are stale and skipped by the reader. The lines before the cursor were seen to be
/// held; the cursor goes back when a holder gives something up, so that finding the oldest entry that nobody holds is a
/// step and not a search.
struct MemoryBuffer: Sendable {
    /// One entry that is kept, or was.
    struct Line: Sendable {
        /// The place of its stream.
        let place: Int
        /// The entry.
        let id: MessageID
    }

    /// What an entry takes beside its bytes, in all lists together, rounded up.
    static let overhead = 256

    let bounds: BufferBounds
    /// What is kept, and what was lost.
    var report = BufferReport()
    /// Places of streams that are no more.
    var vacant: [Int] = []
    /// No id of a stream that appears again is less, so that none is given twice.
    var lastID = MessageID.zero
    private var lines = Deque<Line>()
    private var cursor = 0

    init(_ bounds: BufferBounds) {
        self.bounds = bounds
    }

    /// How many bytes a message counts.
    static func weight(of message: Message) -> Int {
        message.headers.reduce(overhead + message.payload.count + (message.key?.utf8.count ?? 0)) {
            $0 + $1.name.utf8.count + $1.value.count + 64
        }
    }

    /// Whether a message of that weight fits beside what is kept.
    func hasRoom(for weight: Int) -> Bool {
        report.entries < bounds.limit && report.bytes + weight <= bounds.bytes
    }

    /// Whether more is kept than may be.
    var isOverfull: Bool { report.entries > bounds.limit || report.bytes > bounds.bytes }

    /// Whether at least half of the room is free.
    var isHalfFree: Bool { report.entries <= bounds.limit / 2 && report.bytes <= bounds.bytes / 2 }

    /// Counts an entry that was stored.
    mutating func note(_ id: MessageID?, _ message: Message, at place: Int) {
        guard let id else { return }
        report.entries += 1
        report.bytes += Self.weight(of: message)
        lines.append(Line(place: place, id: id))
    }

    /// Counts an entry that is gone.
    mutating func noteGone(_ message: Message) {
        report.entries -= 1
        report.bytes -= Self.weight(of: message)
    }

    /// Looks at every line again: what was held may have been given up.
    mutating func rewind() {
        cursor = 0
    }

    /// The oldest line that was not seen to be held.
    var oldest: Line? { cursor < lines.count ? lines[cursor] : nil }

    /// Goes behind the oldest line, since somebody holds its entry.
    mutating func passOldest() {
        cursor += 1
    }

    /// Removes the oldest line that was not seen to be held.
    mutating func dropOldest() {
        // Moves the fewer of its neighbours: those before it are held and few.
        lines.remove(at: cursor)
    }

    /// Forgets stale lines once they are more than half of all.
    mutating func pack(isStale: (Line) -> Bool) {
        guard lines.count > 64, lines.count > report.entries * 2 else { return }
        lines.removeAll(where: isStale)
        cursor = 0
    }
}
