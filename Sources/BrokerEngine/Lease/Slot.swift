// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The place of one held message in a consumer's lease table.
///
/// A slot is used again and again; its generation tells one use from the next, so that a delivery which outlives its
/// message finds out instead of settling somebody else's.
package struct Slot: Sendable, Hashable, Comparable {
    /// Where in the table.
    package var index: Int32
    /// Which use of that place.
    package var generation: UInt32

    package init(index: Int32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// By place, then by use.
    package static func < (left: Slot, right: Slot) -> Bool {
        (left.index, left.generation) < (right.index, right.generation)
    }
}

/// One life of a lane's runner; a lane whose handler is cancelled goes on with the next one.
package struct RunnerID: Sendable, Hashable {
    package var lane: Int32
    package var incarnation: UInt32

    /// Nobody runs the message.
    package static let nobody = RunnerID(lane: -1, incarnation: 0)

    package init(lane: Int32, incarnation: UInt32) {
        self.lane = lane
        self.incarnation = incarnation
    }
}

/// A message in hand: what was leased and where its lease is kept.
///
/// It passes through a dozen hands, so it is two words: copying the whole message each time was a seventh of the way.
package struct Held: Sendable {
    private final class Storage: Sendable {
        let inbound: InboundMessage

        init(_ inbound: InboundMessage) {
            self.inbound = inbound
        }
    }

    package let slot: Slot
    private let storage: Storage

    package init(slot: Slot, inbound: InboundMessage) {
        self.slot = slot
        storage = Storage(inbound)
    }

    /// What was leased.
    package var inbound: InboundMessage { storage.inbound }
}
