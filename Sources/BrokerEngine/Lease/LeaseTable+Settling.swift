// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The lease of a message whose settlement is on its way.
extension LeaseTable {
    /// What follows from the outcomes of a flush.
    package struct Applied: Sendable {
        /// Decisions that must be sent again at once, because a newer lease took the place of the one they named.
        package var again: [Decision] = []
        /// Decisions that the provider refused, to be sent again later.
        package var refused: [(decision: Decision, error: BrokerError)] = []
        /// Messages that were renewed for a retry in place, but have no lane any more that would take them up.
        package var handBack: [Decision] = []
        /// Messages that were to be retried in place and can no longer be.
        package var dropped: [Slot] = []
        /// Whether the keeper has to look earlier than it would.
        package var isEarlier = false

        package init() {}
    }

    /// Begins a flush: returns the decisions that are still to be carried out, each under the newest receipt of its
    /// message.
    ///
    /// A decision is void when its message has made room for another of the same id.
    package mutating func beginFlush(_ decisions: [Decision]) -> [Decision] {
        let current = current(decisions)
        settling = current.count
        return current
    }

    private func current(_ decisions: [Decision]) -> [Decision] {
        if decisions.indices.allSatisfy({ isCurrent(decisions[$0]) }) { return decisions }
        return decisions.filter(awaits).map { decision in
            var decision = decision
            decision.receipt = currentReceipt(of: decision)
            return decision
        }
    }

    private func isCurrent(_ decision: Decision) -> Bool {
        guard let position = position(of: decision.slot), leases[position].status == .deciding else { return false }
        return !isOlder(decision, than: position)
    }

    private func awaits(_ decision: Decision) -> Bool {
        position(of: decision.slot).map { leases[$0].status == .deciding } ?? false
    }

    /// The newest receipt of a decision's message; a takeover may have replaced the one it was decided under.
    package func currentReceipt(of decision: Decision) -> Receipt {
        guard let position = position(of: decision.slot), isOlder(decision, than: position) else {
            return decision.receipt
        }
        return leases[position].receipt
    }

    private func isOlder(_ decision: Decision, than position: Int) -> Bool {
        leases[position].receipt.epoch == decision.receipt.epoch
            && leases[position].receipt.token > decision.receipt.token
    }

    /// Takes note that the flush has brought no outcomes; what it decided still takes room.
    package mutating func flushFailed() {
        settling = 0
    }

    /// Takes note of a flush whose reply was lost: what it decided may have been carried out.
    package mutating func lostReply(to decisions: [Decision]) {
        for decision in decisions {
            if let position = position(of: decision.slot) { leases[position].mayBeSettled = true }
        }
    }

    /// Applies what became of the settlements that were sent at `asked`, one outcome for each.
    ///
    /// - Parameters:
    ///   - range: Which of the decisions: a part of them, so that the lanes need not wait for a large flush.
    ///   - applied: What follows, added to what followed from the others.
    package mutating func apply(
        _ outcomes: [SettlementOutcome], of settlements: [Settlement], for decisions: [Decision], in range: Range<Int>,
        asked: Instant, now: Instant, to applied: inout Applied
    ) {
        let wake = nextWake
        settling = max(0, settling - range.count)
        for index in range {
            // Most outcomes are this one, which needs no copy of the decision.
            if outcomes[index].isDone, decisions[index].verdict.isPlainAck {
                acknowledged(decisions[index].slot)
            } else {
                apply(
                    outcomes[index], of: decisions[index], sent: settlements[index].receipt, asked: asked, now: now,
                    to: &applied)
            }
        }
        if nextWake < wake { applied.isEarlier = true }
    }

    private mutating func acknowledged(_ slot: Slot) {
        guard let position = position(of: slot), leases[position].status == .deciding else { return }
        end(position, as: .settled)
    }

    private mutating func apply(
        _ outcome: SettlementOutcome, of decision: Decision, sent: Receipt, asked: Instant, now: Instant,
        to applied: inout Applied
    ) {
        guard let position = position(of: decision.slot), leases[position].status == .deciding else { return }
        switch outcome {
        case .settled where decision.needsLease && !leases[position].mayBeSettled && !leases[position].wasDoubted:
            hasDoubts = true
            leases[position].wasDoubted = now >= leases[position].expires
            applied.again.append(decision)
        case .done, .deadLettered, .settled: end(decision, as: .settled, &applied)
        case .renewed(let receipt): renew(decision, receipt, asked: asked, now: now, &applied)
        case .lost where sent < leases[position].receipt: applied.again.append(decision)
        case .lost: end(decision, as: .lost, &applied)
        case .missing: end(decision, as: .missing, &applied)
        case .refused(let error): applied.refused.append((decision, error))
        }
    }

    private mutating func end(_ decision: Decision, as status: Lease.Status, _ applied: inout Applied) {
        if decision.verdict.resumeAfter != nil { applied.dropped.append(decision.slot) }
        end(Int(decision.slot.index), as: status)
    }

    private mutating func end(_ position: Int, as status: Lease.Status) {
        leases[position].status = status
        leases[position].resume = .distantFuture
        releaseIfOver(position)
    }

    private mutating func renew(
        _ decision: Decision, _ receipt: Receipt, asked: Instant, now: Instant, _ applied: inout Applied
    ) {
        let slot = decision.slot
        let position = Int(slot.index)
        leases[position].receipt = receipt
        leases[position].mayBeSettled = false
        // The provider counts, and may have come to the end of numbers.
        if leases[position].attempt < .max { leases[position].attempt += 1 }
        leases[position].expires = max(leases[position].expires, asked + visibility)
        if leases[position].resume == .distantFuture {
            leases[position].resume = now + (decision.verdict.resumeAfter ?? .zero)
        }
        if leases[position].isDetached {
            return applied.handBack.append(Decision(handingBack: Withdrawn(slot, leases[position], now: now)))
        }
        leases[position].status = .held
        look(by: leases[position].expires)
        if leases[position].stage == .ended { waitInLane(position, until: leases[position].resume) }
    }
}
