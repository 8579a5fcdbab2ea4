// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Settling and extending, as far as one group can do it alone.
extension MemoryGroup {
    /// How a receipt relates to the pending list. Closed by design.
    enum Standing {
        /// Its lease is the current one; the entry is pending at this position.
        case current(Int)
        /// It has no effect any more, for this reason.
        case void(SettlementOutcome)
    }

    /// Acknowledges an entry within the epoch, whichever consumer holds the lease.
    mutating func acknowledge(_ receipt: Receipt) -> SettlementOutcome {
        guard exists, receipt.epoch == epoch, let position = pending.position(of: receipt.id) else { return .settled }
        pending.remove(at: position)
        return .done
    }

    /// Looks up a receipt in the pending list. An entry that is gone from its stream is removed from the list here.
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

    /// Gives a lease up until the delay has passed. A refunded attempt does not count. Returns when the entry is due.
    mutating func park(at position: Int, after delay: Duration, refunding: Bool, now: Instant) -> Instant {
        let time = now + max(.zero, delay)
        if refunding { pending[position].token += FencingToken.refund }
        pending[position].state = .parked
        pending[position].time = time.nanoseconds
        due.insert(Timetable.Line(time: time.nanoseconds, id: pending[position].id))
        return time
    }

    /// Counts another attempt of the same holder and keeps its lease. If it is repeated because its reply was lost, it
    /// returns the lease that exists already and extends it: the holder counts the time from the reply.
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

    /// Extends a lease without counting an attempt.
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

    /// Returns the position of the entry that this holder has renewed to that receipt.
    private mutating func renewedPosition(_ receipt: Receipt, _ holder: Holder) -> Int? {
        guard exists, receipt.epoch == epoch, let position = pending.position(of: receipt.id) else { return nil }
        let entry = pending[position]
        let isRenewed = entry.state == .renewed && entry.owner == holder.consumer && entry.token == receipt.token
        return isRenewed ? position : nil
    }
}

/// Leases that were removed from outside.
extension MemoryGroup {
    /// Removes the leases of a consumer, as a server does when an operator deletes the consumer.
    mutating func deleteConsumer(_ consumer: Int32) {
        for position in pending.positions where pending[position].isHeld && pending[position].owner == consumer {
            pending.settle(at: position)
        }
        pending.dropSettled()
    }

    /// Returns whether a first lease is gone although only its holder could have acknowledged it, which has not.
    mutating func hasLost(_ receipt: Receipt) -> Bool {
        exists && receipt.epoch == epoch && receipt.token == FencingToken.first
            && pending.position(of: receipt.id) == nil
    }

    /// Returns whether another consumer has taken the message over. Other leases may have gone the same way. A takeover
    /// raises the token; under another token it is another message of the same id.
    mutating func isTakenOver(_ receipt: Receipt, _ holder: Holder) -> Bool {
        guard exists, receipt.epoch == epoch, let position = pending.position(of: receipt.id) else { return false }
        let isHeld = pending[position].isHeld && pending[position].owner == holder.consumer
        return !isHeld && pending[position].token > receipt.token
    }

    /// Takes a lost lease again, if leases were removed from outside. What may have been acknowledged stays settled.
    mutating func restore(
        _ receipt: Receipt, _ holder: Holder, _ entries: EntryList, isLost: Bool, now: Instant
    ) -> SettlementOutcome {
        guard exists, receipt.epoch == epoch else { return .settled }
        if pending.position(of: receipt.id) != nil {
            switch standing(of: receipt, holder, entries) {
            case .current: return .done
            case .void(let outcome): return outcome
            }
        }
        guard isLost, entries.ordinal(from: receipt.id) < next else { return .settled }
        guard let ordinal = entries.ordinal(of: receipt.id) else { return .missing }
        var restored = receipt
        restored.token = FencingToken.restored(receipt.token)
        var entry = PendingEntry(id: receipt.id, ordinal: ordinal, to: holder, at: now)
        entry.token = restored.token
        pending.insert(entry)
        expiries.note(entry)
        return .renewed(restored)
    }
}
