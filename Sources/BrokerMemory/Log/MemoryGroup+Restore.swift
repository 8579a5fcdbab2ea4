// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Leases that somebody has taken away behind the group's back.
extension MemoryGroup {
    /// Forgets what a consumer holds, as a server does when the consumer is deleted there.
    mutating func deleteConsumer(_ consumer: Int32) {
        for position in pending.positions where pending[position].isHeld && pending[position].owner == consumer {
            pending.settle(at: position)
        }
        pending.dropSettled()
    }

    /// Whether a first lease is gone: nobody can have acknowledged it but its holder, who has not.
    mutating func isRobbed(of receipt: Receipt) -> Bool {
        exists && receipt.epoch == epoch && receipt.token == FencingToken.first
            && pending.position(of: receipt.id) == nil
    }

    /// Whether somebody else has taken the message over: then that may be how others have gone, too.
    mutating func isOvertaken(_ receipt: Receipt, _ holder: Holder) -> Bool {
        guard exists, receipt.epoch == epoch, let position = pending.position(of: receipt.id) else { return false }
        return !pending[position].isHeld || pending[position].owner != holder.consumer
    }

    /// Takes a lease again that is gone, if its holder was robbed; what may have been acknowledged stays settled.
    mutating func restore(
        _ receipt: Receipt, _ holder: Holder, _ entries: EntryList, isRobbed: Bool, now: Instant
    ) -> SettlementOutcome {
        guard exists, receipt.epoch == epoch else { return .settled }
        if pending.position(of: receipt.id) != nil {
            switch standing(of: receipt, holder, entries) {
            case .current: return .done
            case .void(let outcome): return outcome
            }
        }
        guard isRobbed, entries.ordinal(from: receipt.id) < next else { return .settled }
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
