// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule

/// The pending entries of a group, in the order of the stream.
///
/// It is optimised for the common case: leases are made in the order of the stream, so that adding is appending, and
/// settled in about that order, so that removing moves the front. An entry that is settled after an older one leaves an
/// empty place. When more than half of the places are empty, the list is packed, so that one entry that waits long does
/// not keep the places of all later ones.
struct PendingList: Sendable {
    private var slots = Deque<PendingEntry>()
    private var hint = 0

    /// How many entries are pending.
    private(set) var count = 0
    /// The positions of all places, including those of settled entries.
    var positions: Range<Int> { 0..<slots.count }
    /// The oldest pending entry.
    var oldest: PendingEntry? { slots.first }
    /// Every pending entry, in the order of the stream.
    var entries: some Sequence<PendingEntry> { slots.lazy.filter { $0.state != .settled } }

    /// The entry at a position.
    subscript(position: Int) -> PendingEntry {
        get { slots[position] }
        _modify { yield &slots[position] }
    }

    /// Adds an entry after all others, whose ids must be smaller. Positions shift.
    mutating func append(_ entry: PendingEntry) {
        if slots.count >= 64, count < slots.count / 2 { slots.removeAll { $0.state == .settled } }
        slots.append(entry)
        count += 1
    }

    /// Adds an entry that is not pending, at its place in the order. Positions shift.
    mutating func insert(_ entry: PendingEntry) {
        let position = search(entry.id)
        if position < slots.count, slots[position].id == entry.id {
            slots[position] = entry
        } else {
            slots.insert(entry, at: position)
        }
        count += 1
    }

    /// Returns the position of an entry; `nil` if it is not pending.
    mutating func position(of id: MessageID) -> Int? {
        let position = hint < slots.count && slots[hint].id == id ? hint : search(id)
        guard position < slots.count, slots[position].id == id, slots[position].state != .settled else { return nil }
        hint = position + 1
        return position
    }

    /// Removes an entry. Positions shift.
    mutating func remove(at position: Int) {
        settle(at: position)
        dropSettled()
    }

    /// Marks an entry as settled and keeps its place, so that positions stay valid until ``dropSettled()``.
    mutating func settle(at position: Int) {
        count -= 1
        slots[position].state = .settled
    }

    /// Removes the places of settled entries at the front. Positions shift.
    mutating func dropSettled() {
        while let first = slots.first, first.state == .settled {
            slots.removeFirst()
            hint -= 1
        }
        hint = max(hint, 0)
    }

    /// Removes the entries from an id on, with their places, since later entries may have the same ids.
    mutating func removeAll(from id: MessageID) {
        slots.removeAll { $0.id >= id }
        count = slots.count { $0.state != .settled }
        hint = 0
        dropSettled()
    }

    /// Removes all entries.
    mutating func removeAll() {
        self = PendingList()
    }

    /// Returns whether the entry with that ordinal is pending.
    func contains(ordinal: Int) -> Bool { position(ofOrdinal: ordinal) != nil }

    /// Returns the position of the entry with that ordinal; `nil` if it is not pending.
    func position(ofOrdinal ordinal: Int) -> Int? {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].ordinal < ordinal { low = middle + 1 } else { high = middle }
        }
        let isPending = low < slots.count && slots[low].ordinal == ordinal && slots[low].state != .settled
        return isPending ? low : nil
    }

    private func search(_ id: MessageID) -> Int {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
