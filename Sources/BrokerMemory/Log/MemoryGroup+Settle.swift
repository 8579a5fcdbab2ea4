// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Settling and extending, as far as one group can do it alone.
extension MemoryGroup {
    /// How a receipt stands to the pending list. Closed by design.
    enum Standing {
        /// Its lease is the current one; the entry is pending at this position.
        case current(Int)
        /// It can do nothing any more, for this reason.
        case void(SettlementOutcome)
    }

    /// Acknowledges, whoever holds the lease, within the epoch.
    mutating func acknowledge(_ receipt: Receipt) -> SettlementOutcome {
        guard exists, receipt.epoch == epoch, let position = pending.position(of: receipt.id) else { return .settled }
        pending.remove(at: position)
        return .done
    }

    /// Holds a receipt against the pending list. An entry that is gone from its stream leaves the list here.
    mutating func standing(of receipt: Receipt, _ holder: Holder, _ entries: EntryList) -> Standing {
        guard exists, receipt.epoch == epoch, let position = pending.position(of: receipt.id) else {
            return .void(.settled)
        }
        let entry = pending[position]
        if entry.state == .parked {
            let isOurs = entry.token == receipt.token || entry.token == receipt.token &+ FencingToken.refund
            return .void(isOurs ? .settled : .lost)
        }
        guard entry.owner == holder.consumer else { return .void(.lost) }
        guard entry.token == receipt.token else { return .void(.lost) }
        guard entries.contains(entry.ordinal) else {
            pending.remove(at: position)
            return .void(.missing)
        }
        return .current(position)
    }

    /// Gives a lease up until the delay has passed; a refunded attempt does not count. Answers when that is.
    mutating func park(at position: Int, after delay: Duration, refunding: Bool, now: Instant) -> Instant {
        let time = now + max(.zero, delay)
        if refunding { pending[position].token += FencingToken.refund }
        pending[position].state = .parked
        pending[position].time = time.nanoseconds
        due.insert(Timetable.Line(time: time.nanoseconds, id: pending[position].id))
        return time
    }

    /// Counts another attempt of the same holder and keeps its lease. Repeated, because its answer was lost, it gives
    /// the lease that it has got already, anew: the holder counts its time from the answer.
    mutating func renew(_ receipt: Receipt, _ holder: Holder, _ entries: EntryList, now: Instant) -> SettlementOutcome {
        var renewed = receipt
        renewed.token &+= 1
        if let position = renewedPosition(renewed, holder) {
            pending[position].extend(by: holder, at: now)
            expiries.note(pending[position])
            return .renewed(renewed)
        }
        switch standing(of: receipt, holder, entries) {
        case .current(let position):
            pending[position].lease(to: holder, at: now, as: .renewed)
            expiries.note(pending[position])
            return .renewed(renewed)
        case .void(let outcome):
            return outcome
        }
    }

    /// Renews a lease without counting.
    mutating func extend(_ receipt: Receipt, _ holder: Holder, _ entries: EntryList, now: Instant) -> SettlementOutcome
    {
        switch standing(of: receipt, holder, entries) {
        case .current(let position):
            pending[position].extend(by: holder, at: now)
            expiries.note(pending[position])
            return .done
        case .void(let outcome):
            return outcome
        }
    }

    /// Where an entry is that this holder has renewed to that receipt.
    private mutating func renewedPosition(_ receipt: Receipt, _ holder: Holder) -> Int? {
        guard exists, receipt.epoch == epoch, let position = pending.position(of: receipt.id) else { return nil }
        let entry = pending[position]
        let isRenewed = entry.state == .renewed && entry.owner == holder.consumer && entry.token == receipt.token
        return isRenewed ? position : nil
    }
}
