// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How much room a consumer has.
package struct Demand: Sendable {
    /// How many messages it may hold.
    package let capacity: Int
    /// How many it holds, those included that a read still owes.
    package let taken: Int

    package init(capacity: Int, taken: Int) {
        self.capacity = capacity
        self.taken = taken
    }

    /// How many messages there is room for.
    package var free: Int { max(0, capacity - taken) }

    /// How many messages to ask for: at most half of all room, so that the next read is under way while the messages of
    /// this one are handled; small rooms are filled at once, since there a round trip costs more than it hides.
    package var limit: Int { min(free, max(Self.worthSplitting, (capacity + 1) / 2)) }

    /// A read of so many messages takes the server about as long as a round trip.
    private static let worthSplitting = 64

    /// Whether the room is worth a round trip: half of all of it, or any of it while a lane has nothing to do.
    package func isWorthAsking(isStarving: Bool) -> Bool {
        free > 0 && (isStarving || free * 2 >= capacity)
    }
}
