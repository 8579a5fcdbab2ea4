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

    /// - Parameter held: How many messages it holds, those included that a read still owes.
    package init(capacity: Int, held: Int, lanes: LaneSupply) {
        self.capacity = capacity
        self.lanes = lanes
        // While every lane has something to do, what is behind keys is work for later like everything that is buffered.
        taken = lanes.isStarving ? held - lanes.backlog.exempt : held
    }

    /// How many messages there is room for.
    package var free: Int { max(0, capacity - taken) }

    /// How many messages to ask for: at most half of all room, so that the next read is under way while the messages of
    /// this one are handled; small rooms are filled at once, since there a round trip costs more than it hides.
    package var limit: Int { min(free, max(Self.worthSplitting, (capacity + 1) / 2)) }

    /// A read of so many messages takes the server about as long as a round trip.
    private static let worthSplitting = 64

    /// Whether the room is worth a round trip.
    package var isWorthAsking: Bool { free >= leastWorth }

    /// Any room while a lane has nothing to do, so that no message waits while a lane is free; an eighth of all room
    /// while that is the fault of too much behind keys; else half of it.
    private var leastWorth: Int {
        if lanes.isShort { return 1 }
        return max(1, (capacity + 1) / (lanes.isStarving ? 8 : 2))
    }
}
