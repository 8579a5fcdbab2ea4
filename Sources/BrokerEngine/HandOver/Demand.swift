// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How much room a consumer has, and how much of it is worth a read.
///
/// A function of what is held and of what the lanes are short of, so that it can be asked at any time: whoever changes
/// one of these wakes the fetch loop.
package struct Demand: Sendable {
    /// How many messages it may hold, besides what waits behind its key.
    package let capacity: Int
    /// How much of its room is taken.
    package let taken: Int
    private let lanes: LaneSupply

    /// - Parameters:
    ///   - held: How many messages it holds, those included that a read still owes.
    ///   - settling: How many of them a flush takes to the provider now. Their room is about to be free, so the next read
    ///     goes beside the flush. Up to half of all room: a flush may take long.
    package init(capacity: Int, held: Int, settling: Int = 0, lanes: LaneSupply) {
        self.capacity = capacity
        self.lanes = lanes
        let staying = held - min(settling, capacity / 2)
        // While every lane has something to do, what is behind keys is work for later like everything that is buffered.
        taken = lanes.isStarving ? staying - lanes.backlog.exempt : staying
    }

    /// How many messages there is room for.
    package var free: Int { max(0, capacity - taken) }

    /// How many messages to ask for: at most half of all room, so that the next read is under way while the messages of
    /// this one are handled; small rooms are filled at once, since there a round trip costs more than it hides.
    package var limit: Int { min(free, max(Self.worthSplitting, (capacity + 1) / 2)) }

    /// A read of this many messages takes the server about as long as a round trip.
    private static let worthSplitting = 64

    /// Whether the room is worth a round trip.
    package var isWorthAsking: Bool { free >= leastWorth }

    /// Any room while a lane has nothing to do, so that no message waits while a lane is free; an eighth of all room
    /// while that is the fault of too much behind keys; else a quarter of it, or half of a small room.
    private var leastWorth: Int {
        if lanes.isShort { return 1 }
        let room = capacity + 1
        if lanes.isStarving { return max(1, room / 8) }
        return max(1, room / 4, min(room / 2, Self.worthSplitting))
    }
}

/// What the lanes of a consumer are short of, and what waits behind its key meanwhile.
package struct LaneSupply: Sendable {
    /// Whether more lanes have nothing to do than messages are ready for them.
    package let isStarving: Bool
    /// What waits behind its key.
    package let backlog: Backlog

    package init(isStarving: Bool, backlog: Backlog) {
        self.isStarving = isStarving
        self.backlog = backlog
    }

    /// Whether any room is worth a read.
    ///
    /// One hot key starves every lane but one for ever: once its backlog is over the limit, so that others wait behind
    /// it whatever is read, a read for each of its messages would help nobody.
    package var isShort: Bool { isStarving && !backlog.isOverLimit }
}

/// The room of one consumer: what travels back from the end of the line to the fetch loop.
struct Room: Sendable {
    /// How many messages the consumer may hold, besides what waits behind its key.
    let capacity: Int
    let leases: LeaseStore
    let lanes: LaneQueues

    /// How much room there is, and what the lanes are short of; `outstanding` is what a read still owes.
    func demand(outstanding: Int = 0) -> Demand {
        let supply = lanes.supply
        let (held, settling) = leases.withLock { ($0.held, $0.settling) }
        return Demand(capacity: capacity, held: held + outstanding, settling: settling, lanes: supply)
    }
}

/// How much waits behind its key: behind a message of the same key that is not done with, or for its own retry in
/// place.
///
/// It takes no room from other keys, up to a limit of its own: nobody knows the keys of what is still on the server, so
/// messages that cannot begin have to be fetched to reach those that can.
package struct Backlog: Sendable, Equatable {
    private let limits: BacklogLimits
    /// How many messages wait.
    package private(set) var count = 0
    private var bytes = 0

    package init(limits: BacklogLimits) {
        self.limits = limits
    }

    /// How many of them take no room: of those that are too large together, as many as fit on average.
    package var exempt: Int {
        let fitting = bytes > limits.bytes ? count * limits.bytes / bytes : count
        return min(fitting, limits.messages)
    }

    /// Whether some of them take room.
    package var isOverLimit: Bool { count > exempt }

    mutating func add(_ held: Held) {
        count += 1
        bytes += held.bodySize
    }

    mutating func remove(_ held: Held) {
        count -= 1
        bytes -= held.bodySize
    }

    mutating func removeAll() {
        count = 0
        bytes = 0
    }
}
