// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

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
    /// How many bytes its body has.
    var bodySize: Int { storage.inbound.message.payload.count }
}
