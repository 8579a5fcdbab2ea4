// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The verbs of a consumer, on one stream.
extension MemoryStream {
    /// Leases up to `limit` messages of one source; returns how many.
    mutating func lease(_ source: LeaseSource, _ limit: Int, in place: Int, into intake: inout Intake) -> Int {
        switch source {
        case .new: groups[place].leaseNew(limit, of: name, entries, into: &intake)
        case .expired: groups[place].leaseExpired(limit, of: name, entries, into: &intake)
        case .due: groups[place].leaseDue(limit, of: name, entries, into: &intake)
        }
    }

    /// Gives a lease up until the delay has passed, and wakes waiters that would sleep longer.
    mutating func park(
        _ receipt: Receipt, after delay: Duration, refunding: Bool, in place: Int, _ holder: Holder, now: Instant,
        _ wakes: inout [Int]
    ) -> SettlementOutcome {
        switch groups[place].standing(of: receipt, holder, entries) {
        case .current(let position):
            let time = groups[place].park(at: position, after: delay, refunding: refunding, now: now)
            groups[place].wakeForRetry(at: time, &wakes)
            return .done
        case .void(let outcome):
            return outcome
        }
    }

    /// Acknowledges an entry. A stream of the framework has one reader, so the entry is removed as well.
    mutating func acknowledge(_ receipt: Receipt, in place: Int) -> SettlementOutcome {
        let outcome = groups[place].acknowledge(receipt)
        if isReserved, case .done = outcome { _ = entries.delete(receipt.id) }
        return outcome
    }

    /// Counts another attempt and keeps the lease.
    mutating func renew(_ receipt: Receipt, in place: Int, _ holder: Holder, now: Instant) -> SettlementOutcome {
        groups[place].renew(receipt, holder, entries, now: now)
    }

    /// Extends a lease without counting an attempt.
    mutating func extend(_ receipt: Receipt, in place: Int, _ holder: Holder, now: Instant) -> SettlementOutcome {
        groups[place].extend(receipt, holder, entries, now: now)
    }

    /// Takes a lease again that was removed from outside.
    mutating func restore(
        _ receipt: Receipt, in place: Int, _ holder: Holder, isLost: Bool, now: Instant
    ) -> SettlementOutcome {
        groups[place].restore(receipt, holder, entries, isLost: isLost, now: now)
    }

    /// Returns the message of a lease that is to be moved to another stream, or why it cannot be moved.
    mutating func held(_ receipt: Receipt, in place: Int, _ holder: Holder) -> (
        message: Message?, outcome: SettlementOutcome
    ) {
        switch groups[place].standing(of: receipt, holder, entries) {
        case .current(let position): (entries.message(at: groups[place].pending[position].ordinal), .missing)
        case .void(let outcome): (nil, outcome)
        }
    }
}
