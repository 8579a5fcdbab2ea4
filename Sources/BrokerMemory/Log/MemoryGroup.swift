// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// One group of one stream: how far it has read, and what it has not settled.
struct MemoryGroup: Sendable {
    /// Its name.
    let name: GroupName
    /// Whether it exists. The next consumer creates a destroyed group again.
    private(set) var exists = true
    /// The epoch of the group. Receipts of an earlier epoch are void.
    private(set) var epoch: UInt64 = 1
    /// The greatest epoch that it ever had: no epoch is used twice, whatever a server forgets.
    private var lastEpoch: UInt64 = 1
    /// The ordinal of the first entry that it has not received.
    var next: Int
    /// The smallest id that it wants, until that is reached: a group may start in the future.
    var least: MessageID?
    /// The ordinal before which everything is settled, as of the last maintenance. A group that was lost starts here
    /// again.
    var floor: Int
    /// The entries that were delivered and are not settled.
    var pending = PendingList()
    /// When its parked entries are due.
    var due = Timetable()
    /// The times before which no lease expires.
    var expiries = LeaseExpiries()
    /// Whether it was deleted with its stream while it had no consumer. Then the next consumer starts anew, not at the
    /// floor.
    var isForgotten = false
    /// Whether no consumer has confirmed that it handles messages.
    var isNew = true
    /// Whether it had no consumer when a buffer last looked.
    var isAbandoned = false
    /// The calls that wait for entries of this group, in order of arrival.
    var waiting: [Waiter] = []
    /// How many subscriptions each consumer has.
    private var members: [Int32: Int] = [:]

    /// Makes a group that starts at an ordinal.
    init(name: GroupName, next: Int) {
        self.name = name
        self.next = next
        floor = next
    }

    /// Makes a group that starts with an id, which may not be stored yet.
    init(name: GroupName, from id: MessageID, in entries: EntryList) {
        self.init(name: name, next: entries.ordinal(from: id))
        least = id
    }

    /// How many consumers have a subscription.
    var consumers: Int { members.count }

    /// The ordinal of the oldest entry that this group has not settled. The stream may be trimmed up to it.
    var unsettled: Int { pending.oldest?.ordinal ?? next }

    /// Returns whether this group has not settled an entry of the stream yet.
    func needs(_ ordinal: Int) -> Bool {
        exists && (ordinal >= next || pending.contains(ordinal: ordinal))
    }

    /// Returns whether a consumer holds an entry now.
    func holds(_ ordinal: Int) -> Bool {
        exists && (pending.position(ofOrdinal: ordinal).map { pending[$0].isHeld } ?? false)
    }

    /// Removes an entry that is about to be dropped from the pending list.
    mutating func forget(_ ordinal: Int) {
        if let position = pending.position(ofOrdinal: ordinal) { pending.remove(at: position) }
    }

    /// Adds a subscription of a consumer.
    mutating func join(_ consumer: Int32) {
        members[consumer, default: 0] += 1
    }

    /// Removes a subscription of a consumer. Its leases stay.
    mutating func leave(_ consumer: Int32) {
        guard let subscriptions = members[consumer] else { return }
        members[consumer] = subscriptions > 1 ? subscriptions - 1 : nil
    }

    /// Destroys the group, as a server might lose it. Pending entries are forgotten; only the floor is kept.
    mutating func destroy(floor: Int) {
        exists = false
        self.floor = floor
        pending.removeAll()
        due = Timetable()
        expiries = LeaseExpiries()
    }

    /// Moves the group back to an id. Pending entries from there on become new again, unless they are gone. An id ahead
    /// changes nothing.
    mutating func rewind(to id: MessageID, in entries: EntryList) {
        pending.removeAll(from: id)
        let ordinal = entries.ordinal(from: id)
        guard ordinal < next else { return }
        next = ordinal
        least = nil
        floor = min(floor, ordinal)
    }

    /// Replaces a forgotten group of the same name, in a new epoch.
    mutating func succeed(_ former: MemoryGroup) {
        lastEpoch = former.lastEpoch + 1
        epoch = lastEpoch
    }

    /// Restores the group of a backup. Waiting calls and subscriptions belong to the clients and stay.
    mutating func restore(_ backup: MemoryGroup) {
        let (members, waiting, lastEpoch) = (members, waiting, lastEpoch)
        self = backup
        self.members = members
        self.waiting = waiting
        self.lastEpoch = lastEpoch
    }

    /// Starts again with the first entry, as if another client had created the group. The epoch stays, because
    /// consumers count it.
    mutating func remake() {
        destroy(floor: 0)
        exists = true
        next = floor
        least = nil
    }

    /// Creates a destroyed group again, at its floor and in a new epoch.
    mutating func revive() {
        guard !exists else { return }
        exists = true
        lastEpoch += 1
        epoch = lastEpoch
        next = floor
        least = nil
    }
}
