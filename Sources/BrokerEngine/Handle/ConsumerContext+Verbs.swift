// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What stands behind the verbs of a delivery.
extension ConsumerContext {
    /// Decides about the delivery and hands the decision to the settle loop.
    func decide(_ delivery: Delivery, _ verb: Ending.Verb) throws(BrokerError) {
        let isSuccess = if case .ack = verb { true } else { false }
        let slot = delivery.held.slot
        let result = leases.withLock { table -> Result<(receipt: Receipt, attempt: Int, releases: Int), BrokerError> in
            Result { () throws(BrokerError) in try table.decide(slot, isSuccess: isSuccess) }
        }
        let lease = try result.get()
        let verdict = verdict(on: .asked(verb), attempt: lease.attempt, releases: lease.releases)
        if let pause = verdict.resumeAfter {
            let resume = now + pause
            leases.withLock { $0.waitInLane(slot, until: resume) }
        }
        inbox.put(Decision(slot: slot, receipt: lease.receipt, verdict: verdict, attempt: lease.attempt))
    }

    /// Extends the lease of one delivery now.
    func extend(_ slot: Slot) async throws(BrokerError) {
        guard let subscription = seat.withLock({ $0 }), let lease = leases.withLock({ $0[slot] }) else {
            throw .alreadySettledDelivery
        }
        guard lease.standing == .held else { throw lease.standing == .lost ? .lostLease : .alreadySettledDelivery }
        try await extend([(slot, lease.receipt)], by: subscription)
        if leases.withLock({ $0[slot]?.standing }) == .lost { throw .lostLease }
    }

    /// When the lease runs out as things stand; `nil` once the consumer has let go of the message.
    func leaseExpiry(of slot: Slot) -> Instant? {
        leases.withLock { $0[slot]?.expires }
    }

    /// Waits until it is known what became of the delivery's settlement.
    func result(of slot: Slot) async -> SettledEvent.Result {
        await waiters.result(of: slot) {
            guard let standing = leases.withLock({ $0[slot]?.standing }) else { return .settled }
            return switch standing {
            case .held, .deciding: nil
            case .settled: .done
            case .lost: .lost
            case .missing: .missing
            }
        }
    }
}
