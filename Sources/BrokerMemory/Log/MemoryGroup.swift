// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// One group of one stream: how far it has been given the stream, and what of that is not settled.
struct MemoryGroup: Sendable {
    /// Its name.
    let name: GroupName
    /// Whether it exists; one that was destroyed is created again by the next consumer that asks.
    private(set) var exists = true
    /// The life of the group; receipts of an earlier life are void.
    private(set) var epoch: UInt64 = 1
    /// The greatest epoch it ever had: no life has the epoch of another, whatever a server forgets.
    private var lastEpoch: UInt64 = 1
    /// The ordinal of the first entry that it has not been given.
    var next: Int
    /// The least id it wants, until that is reached: a group may begin in the future.
    var least: MessageID?
    /// The ordinal up to which everything is settled, as of the last upkeep: where it begins when it was lost.
    var floor: Int
    /// What was delivered and is not settled.
    var pending = PendingList()
    /// When its parked entries become due.
    var due = Timetable()
    /// Before these times no lease runs out.
    var expiries = LeaseExpiries()
    /// Whether it was deleted with its stream while it had no consumer: the next one begins anew, not at the floor.
    var isForgotten = false
    /// Whether it had no consumer when a buffer last looked.
    var isAbandoned = false
    /// Who waits for entries of this group, first come first.
    var waiting: [Waiter] = []
    /// How many subscriptions each consumer has.
    private var members: [Int32: Int] = [:]

    /// Makes a group that begins at an ordinal.
    init(name: GroupName, next: Int) {
        self.name = name
        self.next = next
        floor = next
    }

    /// Makes a group that begins with an id, which may not be stored yet.
    init(name: GroupName, from id: MessageID, in entries: EntryList) {
        self.init(name: name, next: entries.ordinal(from: id))
        least = id
    }

    /// How many consumers have a subscription.
    var consumers: Int { members.count }

    /// The ordinal of the oldest entry that this group has not settled; the stream may be trimmed up to there.
    var unsettled: Int { pending.oldest?.ordinal ?? next }

    /// Whether an entry that is in the stream still has to be settled by this group.
    func needs(_ ordinal: Int) -> Bool {
        exists && (ordinal >= next || pending.contains(ordinal: ordinal))
    }

    /// Whether a consumer holds an entry now.
    func holds(_ ordinal: Int) -> Bool {
        exists && (pending.position(ofOrdinal: ordinal).map { pending[$0].isHeld } ?? false)
    }

    /// Forgets that an entry waits for a retry, since it is going to be dropped.
    mutating func forget(_ ordinal: Int) {
        if let position = pending.position(ofOrdinal: ordinal) { pending.remove(at: position) }
    }

    /// Gives a consumer a subscription.
    mutating func join(_ consumer: Int32) {
        members[consumer, default: 0] += 1
    }

    /// Takes a subscription away. What the consumer holds stays leased.
    mutating func leave(_ consumer: Int32) {
        guard let subscriptions = members[consumer] else { return }
        members[consumer] = subscriptions > 1 ? subscriptions - 1 : nil
    }

    /// Destroys the group as a server might lose it: what was pending is forgotten, only the floor is kept.
    mutating func destroy(floor: Int) {
        exists = false
        self.floor = floor
        pending.removeAll()
        due = Timetable()
        expiries = LeaseExpiries()
    }

    /// Goes back to an id that it has been given, or stays: what is pending from there on is new again, or gone.
    mutating func rewind(to id: MessageID, in entries: EntryList) {
        pending.removeAll(from: id)
        let ordinal = entries.ordinal(from: id)
        guard ordinal < next else { return }
        next = ordinal
        least = nil
        floor = min(floor, ordinal)
    }

    /// Takes the place of one of the same name that was forgotten, in a new epoch.
    mutating func succeed(_ former: MemoryGroup) {
        lastEpoch = former.lastEpoch + 1
        epoch = lastEpoch
    }

    /// Takes over what the server knew of the group at an earlier time; who waits and who has a subscription stays.
    mutating func restore(_ backup: MemoryGroup) {
        let (members, waiting, lastEpoch) = (members, waiting, lastEpoch)
        self = backup
        self.members = members
        self.waiting = waiting
        self.lastEpoch = lastEpoch
    }

    /// Begins anew with the first entry, as if somebody else had made it. Its epoch stays: consumers count that.
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
