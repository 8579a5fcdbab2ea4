// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule

/// The entries of one stream, in the order of their ids.
///
/// Every entry has an ordinal: the number of entries stored before it, which never changes. An entry is found by its
/// ordinal in constant time as long as none was deleted from the middle, else with a binary search, as by its id. An
/// entry that is deleted from the middle leaves an empty place. When more than half of the places are empty, the list
/// is packed, so that one old entry does not keep the places of all later ones.
struct EntryList: Sendable {
    private struct Slot {
        var ordinal: Int
        var id: MessageID
        /// `nil` once the entry is deleted.
        var message: Message?
    }

    private var slots = Deque<Slot>()
    private var deleted = 0

    /// The ordinal that the next entry will have.
    private(set) var end = 0
    /// The id of the newest entry that was ever stored, even if it is gone.
    private(set) var lastID = MessageID.zero

    /// The ordinal of the oldest place.
    var first: Int { slots.first?.ordinal ?? end }
    /// How many entries there are.
    var count: Int { slots.count - deleted }
    /// Whether there are none.
    var isEmpty: Bool { count == 0 }
    /// The ordinals of all places, including those that were packed away.
    var ordinals: Range<Int> { first..<end }

    /// Stores a message under the next id. Returns `nil` if the largest id is used.
    ///
    /// Ids rise even if the wall clock is set back.
    mutating func append(_ message: Message, at timestamp: Timestamp) -> MessageID? {
        let fresh = MessageID(milliseconds: UInt64(clamping: timestamp.milliseconds), sequence: 0)
        guard let id = fresh > lastID ? fresh : lastID.next else { return nil }
        append(message, as: id)
        return id
    }

    /// Stores a message under an id, which must be greater than ``lastID``.
    mutating func append(_ message: Message, as id: MessageID) {
        lastID = id
        slots.append(Slot(ordinal: end, id: id, message: message))
        end += 1
    }

    /// Returns whether there are ids for that many more entries.
    func hasRoom(for wanted: Int) -> Bool {
        lastID.milliseconds < .max || UInt64(clamping: wanted) <= .max - lastID.sequence
    }

    /// Returns the message with that ordinal; `nil` if it is gone.
    func message(at ordinal: Int) -> Message? {
        let index = index(of: ordinal)
        return index < slots.count && slots[index].ordinal == ordinal ? slots[index].message : nil
    }

    /// Returns the first entry with that ordinal or a greater one; `nil` if there is none.
    func entry(from ordinal: Int) -> (ordinal: Int, id: MessageID, message: Message)? {
        var index = index(of: ordinal)
        while index < slots.count {
            if let message = slots[index].message { return (slots[index].ordinal, slots[index].id, message) }
            index += 1
        }
        return nil
    }

    /// Returns whether there is an entry with that ordinal.
    func contains(_ ordinal: Int) -> Bool {
        let index = index(of: ordinal)
        return index < slots.count && slots[index].ordinal == ordinal && slots[index].message != nil
    }

    /// Returns the ordinal of the first place with this id or a greater one; ``end`` if there is none.
    func ordinal(from id: MessageID) -> Int {
        let index = position { $0.id < id }
        return index < slots.count ? slots[index].ordinal : end
    }

    /// Returns the ordinal of the entry with this id; `nil` if it is gone.
    func ordinal(of id: MessageID) -> Int? {
        let index = position { $0.id < id }
        return index < slots.count && slots[index].id == id && slots[index].message != nil ? slots[index].ordinal : nil
    }

    /// Returns the id of the last place before an ordinal; `nil` if there is none.
    func id(before ordinal: Int) -> MessageID? {
        let index = index(of: ordinal)
        return index > 0 ? slots[index - 1].id : nil
    }

    /// Returns how many entries have these ordinals.
    func count(in range: Range<Int>) -> Int {
        let places = index(of: range.lowerBound)..<index(of: range.upperBound)
        return deleted == 0 ? places.count : places.count { slots[$0].message != nil }
    }

    /// Returns the ordinal to trim to, so that at most `length` entries remain.
    func ordinal(keepingNewest length: Int) -> Int {
        var excess = count - length
        guard excess > 0 else { return first }
        guard deleted > 0 else { return length == 0 ? end : slots[excess].ordinal }
        for slot in slots {
            if excess == 0 { return slot.ordinal }
            if slot.message != nil { excess -= 1 }
        }
        return end
    }
}

/// Removing.
extension EntryList {
    /// Removes everything before an ordinal. Returns how many entries were removed.
    mutating func trim(to ordinal: Int) -> Int {
        let removed = index(of: ordinal)
        let gone = deleted == 0 ? removed : (0..<removed).count { slots[$0].message != nil }
        deleted -= removed - gone
        slots.removeFirst(removed)
        return gone
    }

    /// Removes one entry and returns its message; `nil` if there was none.
    mutating func delete(_ id: MessageID) -> Message? {
        let index = position { $0.id < id }
        guard index < slots.count, slots[index].id == id, let message = slots[index].message else { return nil }
        slots[index].message = nil
        deleted += 1
        while let first = slots.first, first.message == nil {
            slots.removeFirst()
            deleted -= 1
        }
        if deleted > 64, deleted > slots.count / 2 {
            slots.removeAll { $0.message == nil }
            deleted = 0
        }
        return message
    }

    /// Makes the next id greater than `id`.
    mutating func advance(to id: MessageID) {
        lastID = max(lastID, id)
    }
}

/// Finding places.
extension EntryList {
    /// Returns the index of the first place with that ordinal or a greater one.
    private func index(of ordinal: Int) -> Int {
        guard let first = slots.first?.ordinal, ordinal > first else { return 0 }
        if end - first == slots.count { return min(ordinal - first, slots.count) }
        return position { $0.ordinal < ordinal }
    }

    private func position(isBefore: (Slot) -> Bool) -> Int {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(slots[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
