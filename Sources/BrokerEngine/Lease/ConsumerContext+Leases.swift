// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// Extending leases, as the keeper does by heartbeat and a handler by its delivery.
extension ConsumerContext {
    /// Extends leases and takes note of what came of it; the keeper cancels the handlers whose lease is lost.
    func extend(
        _ leased: [(slot: Slot, receipt: Receipt)], by subscription: any BrokerSubscription
    ) async throws(BrokerError) {
        let asked = now
        let outcomes = try await subscription.extend(leased.map(\.receipt))
        let (result, hasDoubts) = leases.withLock { ($0.extended(leased, outcomes, asked: asked), $0.hasDoubts) }
        if hasDoubts { inbox.signal.raise() }
        tell(result)
    }

    /// Tells those who wait for the settlement, and the observers, whose message is no longer this consumer's.
    func tell(_ result: LeaseTable.Extended) {
        for (slot, lease) in result.lost { lostUnderway(slot, lease) }
        for (slot, lease) in result.missing {
            waiters.tell(slot, .missing)
            leaseEvents.put(.missing(identity, MissingEntry(stream: lease.receipt.stream, id: lease.receipt.id)))
        }
        for slot in result.settled { waiters.tell(slot, .settled) }
        keeperSignal.raise()
    }

    /// The same as ``lost(_:_:)`` for who must not wait for an observer.
    func lostUnderway(_ slot: Slot, _ lease: Lease) {
        waiters.tell(slot, .lost)
        leaseEvents.put(.leaseLost(delivery(lease.receipt, attempt: lease.attempt)))
    }

    /// Tells those who wait for the settlement, and the observers, that another consumer has the message now.
    func lost(_ slot: Slot, _ lease: Lease) {
        waiters.tell(slot, .lost)
        observers.tell(.leaseLost(delivery(lease.receipt, attempt: lease.attempt)))
    }
}

/// What runs beside the keeper, on the threads of everybody.
extension ConsumerContext {
    /// Tells observers what the keeper has seen, until it has ended.
    func tellLeaseEvents() async {
        let missed = await leaseEvents.run(telling: observers)
        guard missed > 0 else { return }
        logger.warning(
            "Events were not told, since an observer was too slow",
            metadata: [LoggingKeys.group: "\(identity.group)", "events": "\(missed)"])
    }

    /// Returns the keeper whether tasks get a thread, until it has ended.
    func answerPulse(on clock: some BrokerClock) async {
        await pulse.run(on: clock)
    }
}
