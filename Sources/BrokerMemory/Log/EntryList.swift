// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule

/// The entries of one stream in the order of their ids.
///
/// Every entry has an ordinal, the number of entries stored before it, which never changes: an entry is found by its
/// ordinal in constant time as long as none was deleted from the middle, else in a binary search, as by its id. An
/// entry that is deleted from the middle leaves its place behind; when more than half of the places are such, the list
/// is packed, so that one entry that stays long does not keep the places of all that followed it.
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
    /// The id of the newest entry that was ever stored, also when it is gone.
    private(set) var lastID = MessageID.zero

    /// The ordinal of the oldest place.
    var first: Int { slots.first?.ordinal ?? end }
    /// How many entries there are.
    var count: Int { slots.count - deleted }
    /// Whether there are none.
    var isEmpty: Bool { count == 0 }
    /// The ordinals of all places, also of those that were packed away.
    var ordinals: Range<Int> { first..<end }

    /// Stores a message under the next id; `nil` when the greatest id is taken.
    ///
    /// Ids rise also when the wall clock is set back.
    mutating func append(_ message: Message, at timestamp: Timestamp) -> MessageID? {
        let fresh = MessageID(milliseconds: UInt64(clamping: timestamp.milliseconds), sequence: 0)
        guard let id = fresh > lastID ? fresh : lastID.next else { return nil }
        append(message, as: id)
        return id
    }

    /// Stores a message under an id that must be greater than ``lastID``.
    mutating func append(_ message: Message, as id: MessageID) {
        lastID = id
        slots.append(Slot(ordinal: end, id: id, message: message))
        end += 1
    }

    /// How many more entries can be stored at that time, as far as it matters: whether `wanted` can.
    func hasRoom(for wanted: Int) -> Bool {
        lastID.milliseconds < .max || UInt64(clamping: wanted) <= .max - lastID.sequence
    }

    /// The message with that ordinal; `nil` when it is gone.
    func message(at ordinal: Int) -> Message? {
        let index = index(of: ordinal)
        return index < slots.count && slots[index].ordinal == ordinal ? slots[index].message : nil
    }

    /// The first entry with that ordinal or a greater one; `nil` when there is none.
    func entry(from ordinal: Int) -> (ordinal: Int, id: MessageID, message: Message)? {
        var index = index(of: ordinal)
        while index < slots.count {
            if let message = slots[index].message { return (slots[index].ordinal, slots[index].id, message) }
            index += 1
        }
        return nil
    }

    /// Whether the entry with that ordinal is there.
    func contains(_ ordinal: Int) -> Bool {
        let index = index(of: ordinal)
        return index < slots.count && slots[index].ordinal == ordinal && slots[index].message != nil
    }

    /// The ordinal of the first place with this id or a greater one; ``end`` when there is none.
    func ordinal(from id: MessageID) -> Int {
        let index = position { $0.id < id }
        return index < slots.count ? slots[index].ordinal : end
    }

    /// The ordinal of the entry with this id; `nil` when it is gone.
    func ordinal(of id: MessageID) -> Int? {
        let index = position { $0.id < id }
        return index < slots.count && slots[index].id == id && slots[index].message != nil ? slots[index].ordinal : nil
    }

    /// The id of the last place before an ordinal; `nil` when there is none.
    func id(before ordinal: Int) -> MessageID? {
        let index = index(of: ordinal)
        return index > 0 ? slots[index - 1].id : nil
    }

    /// How many entries there are in these ordinals.
    func count(in range: Range<Int>) -> Int {
        let places = index(of: range.lowerBound)..<index(of: range.upperBound)
        return deleted == 0 ? places.count : places.count { slots[$0].message != nil }
    }

    /// The ordinal behind which at most `length` entries remain.
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
    /// Removes everything before an ordinal; returns how many entries went.
    mutating func trim(to ordinal: Int) -> Int {
        let removed = index(of: ordinal)
        let gone = deleted == 0 ? removed : (0..<removed).count { slots[$0].message != nil }
        deleted -= removed - gone
        slots.removeFirst(removed)
        return gone
    }

    /// Removes one entry; returns what it was.
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

    /// Lets the next id be greater than `id`, which must not be less than ``lastID``.
    mutating func advance(to id: MessageID) {
        lastID = max(lastID, id)
    }
}

/// Finding places.
extension EntryList {
    /// Where the first place with that ordinal or a greater one is.
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
