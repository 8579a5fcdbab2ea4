// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule

/// The entries of one stream in the order of their ids.
///
/// Every entry has an ordinal, the number of entries stored before it, which never changes: an entry is found by its
/// ordinal in constant time, and by its id in a binary search. An entry that is deleted from the middle leaves its
/// place behind, which goes when everything before it has gone.
struct EntryList: Sendable {
    private struct Slot {
        var id: MessageID
        /// `nil` once the entry is deleted.
        var message: Message?
    }

    private var slots = Deque<Slot>()
    private var deleted = 0

    /// The ordinal of the oldest place.
    private(set) var first = 0
    /// The id of the newest entry that was ever stored, also when it is gone.
    private(set) var lastID = MessageID.zero

    /// The ordinal that the next entry will have.
    var end: Int { first + slots.count }
    /// How many entries there are.
    var count: Int { slots.count - deleted }
    /// The ordinals of all places.
    var ordinals: Range<Int> { first..<end }

    /// Stores a message under the next id; `nil` when the greatest id is taken.
    ///
    /// Ids rise also when the wall clock is set back.
    mutating func append(_ message: Message, at timestamp: Timestamp) -> MessageID? {
        let fresh = MessageID(milliseconds: UInt64(clamping: timestamp.milliseconds), sequence: 0)
        guard let id = fresh > lastID ? fresh : lastID.next else { return nil }
        lastID = id
        slots.append(Slot(id: id, message: message))
        return id
    }

    /// How many more entries can be stored at that time, as far as it matters: whether `wanted` can.
    func hasRoom(for wanted: Int) -> Bool {
        lastID.milliseconds < .max || UInt64(clamping: wanted) <= .max - lastID.sequence
    }

    /// The id of the place with that ordinal, which must be one of ``ordinals``.
    func id(at ordinal: Int) -> MessageID { slots[ordinal - first].id }

    /// The message with that ordinal; `nil` when it is gone.
    func message(at ordinal: Int) -> Message? {
        ordinal >= first && ordinal < end ? slots[ordinal - first].message : nil
    }

    /// Whether the entry with that ordinal is there.
    func contains(_ ordinal: Int) -> Bool {
        ordinal >= first && ordinal < end && (deleted == 0 || slots[ordinal - first].message != nil)
    }

    /// The ordinal of the first place with this id or a greater one; ``end`` when there is none.
    func ordinal(from id: MessageID) -> Int {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return first + low
    }

    /// How many entries there are in these ordinals.
    func count(in range: Range<Int>) -> Int {
        let places = range.clamped(to: ordinals)
        return deleted == 0 ? places.count : places.count { contains($0) }
    }

    /// The ordinal behind which at most `length` entries remain.
    func ordinal(keepingNewest length: Int) -> Int {
        guard count > length else { return first }
        guard deleted > 0 else { return end - length }
        var ordinal = first
        for _ in 0..<(count - length) {
            while !contains(ordinal) { ordinal += 1 }
            ordinal += 1
        }
        return ordinal
    }

    /// Removes everything before an ordinal; answers how many entries went.
    mutating func trim(to ordinal: Int) -> Int {
        let removed = max(0, min(ordinal, end) - first)
        let gone = count(in: first..<(first + removed))
        deleted -= removed - gone
        slots.removeFirst(removed)
        first += removed
        return gone
    }

    /// Removes one entry; answers whether it was there.
    mutating func delete(_ id: MessageID) -> Bool {
        let ordinal = ordinal(from: id)
        guard contains(ordinal), slots[ordinal - first].id == id else { return false }
        slots[ordinal - first].message = nil
        deleted += 1
        return true
    }

    /// Lets the next id be greater than `id`, which must not be less than ``lastID``.
    mutating func advance(to id: MessageID) {
        lastID = max(lastID, id)
    }
}
