// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import DequeModule

/// How much a log keeps at most, over all its streams, and what gives way.
package struct BufferBounds: Sendable, Hashable {
    /// What gives way when a message comes and there is no room.
    package enum Overflow: String, Sendable, Hashable, CaseIterable {
        /// The oldest entry that nobody holds.
        case dropOldest = "drop-oldest"
        /// The message that comes.
        case dropNewest = "drop-newest"
        /// The message that comes, and the connection it came by until half of the room is free.
        case disconnect
    }

    /// At most so many entries; default 10,000.
    package var limit = 10_000
    /// At most so many bytes, payloads, headers and what an entry takes beside them; default 64 MiB.
    package var bytes = 64 << 20
    /// What gives way; default ``Overflow/dropOldest``.
    package var overflow = Overflow.dropOldest

    /// Makes the default bounds.
    package init() {}
}

/// What a bounded log keeps now, and what it has lost since it was made.
package struct BufferReport: Sendable, Hashable {
    /// How many entries it keeps.
    package var entries = 0
    /// How many bytes these count.
    package var bytes = 0
    /// How many messages were lost because there was no room.
    package var dropped = 0
    /// How many of these were larger than the whole room.
    package var oversized = 0

    /// Makes an empty report.
    package init() {}
}

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

/// A provider in memory as the buffer of what comes in from elsewhere.
///
/// It keeps what its groups have still to settle, and no more than its bounds allow.
extension MemoryProvider {
    /// Takes messages that have come in; returns whether one of them found no room. Never waits; a closed provider
    /// keeps nothing.
    package func take(_ arrivals: [PublishBatch.Entry]) -> Bool {
        let time = MemoryTime(of: clock)
        return (try? access { $0.log.take(arrivals, at: time) }) ?? false
    }

    /// What is kept and what was lost; empty once it is closed.
    package var bufferReport: BufferReport {
        (try? access { $0.log.bufferReport }) ?? BufferReport()
    }

    /// Whether at least half of the room is free.
    package var isHalfFree: Bool {
        (try? access { $0.log.isHalfFree }) ?? true
    }

    /// Lets groups go that have had no consumer since the last call.
    package func dropAbandonedGroups() throws(BrokerError) {
        try access { $0.log.dropAbandonedGroups() }
    }
}
