// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Tells what happened to leases: those who wait for the settlement, and the observers, which nobody waits for here.
struct LossReporter: Sendable {
    let identity: ConsumerIdentity
    let leases: LeaseStore
    let waiters: SettlementWaiters
    let events: LeaseEvents

    /// The messages that are no longer this consumer's; the keeper cancels their handlers.
    func tell(_ result: LeaseTable.Extended) {
        for (slot, lease) in result.lost { tellLost(slot, lease) }
        for (slot, lease) in result.missing {
            waiters.tell(slot, .missing)
            events.put(.missing(identity, MissingEntry(stream: lease.receipt.stream, id: lease.receipt.id)))
        }
        for slot in result.settled { waiters.tell(slot, .settled) }
        leases.keeperSignal.raise()
    }

    /// Another consumer has the message now.
    func tellLost(_ slot: Slot, _ lease: Lease) {
        waiters.tell(slot, .lost)
        events.put(.leaseLost(identity.delivery(lease.receipt, attempt: lease.attempt)))
    }
}
