// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import DequeModule

/// The bounds of a log over all its streams, and what gives way.
package struct BufferBounds: Sendable, Hashable {
    /// What gives way when a message arrives and the buffer is full.
    package enum Overflow: String, Sendable, Hashable, CaseIterable {
        /// The oldest entry that no consumer holds is dropped.
        case dropOldest = "drop-oldest"
        /// The new message is dropped.
        case dropNewest = "drop-newest"
        /// The new message is dropped, and the connection is closed until half of the buffer is free.
        case disconnect
    }

    /// The most entries; defaults to 10,000.
    package var limit = 10_000
    /// The most bytes of payloads, headers and the overhead of entries; defaults to 64 MiB.
    package var bytes = 64 << 20
    /// What gives way; defaults to ``Overflow/dropOldest``.
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
    /// How many messages were lost because the buffer was full.
    package var dropped = 0
    /// How many of these were larger than the whole buffer.
    package var oversized = 0

    /// Makes an empty report.
    package init() {}
}

/// What a bounded log knows about everything that it keeps: how much it is, and in which order it arrived.
///
/// Lines of entries that are gone are stale, and the reader skips them. The entries of the lines before the cursor are
/// held. The cursor goes back when a consumer gives up a lease, so that finding the oldest entry that no consumer holds
/// is a step and not a search.
struct MemoryBuffer: Sendable {
    /// One entry that is, or was, kept.
    struct Line: Sendable {
        /// The place of its stream.
        let place: Int
        /// The entry.
        let id: MessageID
    }

    /// The bytes that an entry takes besides its content, in all lists together, rounded up.
    static let overhead = 256

    let bounds: BufferBounds
    /// The counts of kept and lost messages.
    var report = BufferReport()
    /// Places of streams that were removed.
    var vacant: [Int] = []
    /// A stream that appears again continues after this id, so that no id is used twice.
    var lastID = MessageID.zero
    private var lines = Deque<Line>()
    private var cursor = 0

    init(_ bounds: BufferBounds) {
        self.bounds = bounds
    }

    /// Returns how many bytes a message counts.
    static func weight(of message: Message) -> Int {
        message.headers.reduce(overhead + message.payload.count + (message.key?.utf8.count ?? 0)) {
            $0 + $1.name.utf8.count + $1.value.count + 64
        }
    }

    /// Returns whether a message of that weight fits.
    func hasRoom(for weight: Int) -> Bool {
        report.entries < bounds.limit && report.bytes + weight <= bounds.bytes
    }

    /// Whether a bound is exceeded.
    var isOverfull: Bool { report.entries > bounds.limit || report.bytes > bounds.bytes }

    /// Whether at least half of the buffer is free.
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

    /// Checks every line again: held entries may have been given up.
    mutating func rewind() {
        cursor = 0
    }

    /// The oldest line whose entry was not found to be held.
    var oldest: Line? { cursor < lines.count ? lines[cursor] : nil }

    /// Passes the oldest line, because a consumer holds its entry.
    mutating func passOldest() {
        cursor += 1
    }

    /// Removes the oldest line whose entry was not found to be held.
    mutating func dropOldest() {
        // Moves few lines only: those before it, whose entries are held.
        lines.remove(at: cursor)
    }

    /// Removes stale lines once they are more than half of all.
    mutating func pack(isStale: (Line) -> Bool) {
        guard lines.count > 64, lines.count > report.entries * 2 else { return }
        lines.removeAll(where: isStale)
        cursor = 0
    }
}

/// The memory provider as a buffer for messages that arrive from elsewhere.
///
/// It keeps what its groups have not settled yet, within its bounds.
extension MemoryProvider {
    /// Stores messages that have arrived. Returns whether one of them did not fit. Never waits. A closed provider
    /// stores nothing.
    package func take(_ arrivals: [PublishBatch.Entry]) -> Bool {
        let time = MemoryTime(of: clock)
        return (try? access { $0.log.take(arrivals, at: time) }) ?? false
    }

    /// The counts of kept and lost messages; empty once the provider is closed.
    package var bufferReport: BufferReport {
        (try? access { $0.log.bufferReport }) ?? BufferReport()
    }

    /// Whether at least half of the buffer is free.
    package var isHalfFree: Bool {
        (try? access { $0.log.isHalfFree }) ?? true
    }

    /// Removes groups that have had no consumer since the last call.
    package func dropAbandonedGroups() throws(BrokerError) {
        try access { $0.log.dropAbandonedGroups() }
    }
}
