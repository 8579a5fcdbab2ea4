// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What time does to leases: heartbeats, deadlines, retries in place that are due, leases that ran out.
extension LeaseTable {
    /// What the keeper has to do now, and when it has to look again.
    package struct Work: Sendable {
        /// Leases to extend.
        package var extend: [(slot: Slot, receipt: Receipt)] = []
        /// Runners to cancel, with the reason.
        package var cancel: [(runner: RunnerID, cause: CancellationReason)] = []
        /// Runners that ignored their cancellation, with the lease if a decision about it is due.
        package var writtenOff: [(runner: RunnerID, slot: Slot, lease: Lease, mustDecide: Bool)] = []
        /// Messages whose wait in their lane is over.
        package var resume: [Slot] = []
        /// Entries that waited for a delivery which was written off, to be handed over now.
        package var successors: [Held] = []
        /// Leases that could not be extended in time.
        package var lost: [(slot: Slot, lease: Lease)] = []
        /// Whether leases were looked at for extension.
        package var isHeartbeat = false
        /// When to look again.
        package var next = Instant.distantFuture
    }

    /// What came of extensions: whose message is no longer this consumer's.
    package struct Extended: Sendable {
        /// Another consumer has them.
        package var lost: [(slot: Slot, lease: Lease)] = []
        /// Their entry is gone from its stream.
        package var missing: [(slot: Slot, lease: Lease)] = []
        /// They have been settled by somebody else.
        package var settled: [Slot] = []
    }

    /// Looks at every lease; called when the keeper's timer fires and whenever something is due earlier.
    ///
    /// - Parameter poolSeen: When handlers and the settle loop could last run. When that is longer ago than a lease
    ///   lasts, what is past its deadline is not extended: nobody here will end it, and others can.
    package mutating func tick(now: Instant, poolSeen: Instant = .distantFuture) -> Work {
        var work = Work()
        let beats = nextHeartbeat <= now
        let isAlive = now - poolSeen <= visibility
        if beats { nextHeartbeat = now + visibility / 3 }
        work.isHeartbeat = beats
        work.next = nextHeartbeat
        for position in leases.indices where inUse[position] {
            checkExpiry(position, now: now, &work)
            checkHandler(position, now: now, &work)
            checkResume(position, now: now, &work)
            if beats, isAlive || !leases[position].isOverdue(now: now) { beat(position, now: now, &work) }
        }
        nextWake = work.next
        return work
    }

    /// A heartbeat has failed: the next one comes well before the leases end, and not only at the next third.
    package mutating func heartbeatFailed(now: Instant) {
        nextHeartbeat = min(nextHeartbeat, now + visibility / 12)
        nextWake = min(nextWake, nextHeartbeat)
    }

    /// From `instant` on, every handler is cancelled: the end of a drain.
    package mutating func cancelAll(from instant: Instant) {
        cancelsAll = min(cancelsAll, instant)
        nextWake = min(nextWake, instant)
    }

    /// Applies what became of the extensions that were asked for at `asked`; the next tick cancels whose lease is lost.
    package mutating func extended(
        _ leased: [(slot: Slot, receipt: Receipt)], _ outcomes: [SettlementOutcome], asked: Instant
    ) -> Extended {
        var result = Extended()
        for (request, outcome) in zip(leased, outcomes) {
            let position = Int(request.slot.index)
            guard let lease = self[request.slot], lease.receipt == request.receipt else { continue }
            switch outcome {
            case .done, .renewed: leases[position].expires = max(lease.expires, asked + visibility)
            case .lost where lease.standing == .held:
                leases[position].standing = .lost
                result.lost.append((request.slot, lease))
            case .missing where lease.standing == .held:
                leases[position].standing = .missing
                result.missing.append((request.slot, lease))
            case .settled where lease.standing == .held && !lease.wasDoubted: hasDoubts = true
            case .lost, .missing, .settled, .refused: break
            }
            endWaiting(position)
        }
        return result
    }

    private mutating func checkExpiry(_ position: Int, now: Instant, _ work: inout Work) {
        let lease = leases[position]
        guard lease.standing == .held else { return }
        guard lease.expires <= now else {
            work.next = min(work.next, lease.expires)
            return
        }
        leases[position].standing = .lost
        work.lost.append((slot(at: position), lease))
        endWaiting(position)
    }

    /// A message that waits in its lane and is no longer ours has nothing to wait for.
    mutating func endWaiting(_ position: Int) {
        guard leases[position].stage == .waiting, leases[position].standing != .held else { return }
        leases[position].resume = .distantPast
        nextWake = .distantPast
    }

    private mutating func checkHandler(_ position: Int, now: Instant, _ work: inout Work) {
        guard leases[position].stage == .running else { return }
        let lease = leases[position]
        if lease.cause == nil {
            guard let cause = causeToCancel(lease, now: now) else {
                work.next = min(work.next, lease.deadline, cancelsAll)
                return
            }
            leases[position].cause = cause
            leases[position].writeOff = now + Self.patience
            work.cancel.append((lease.runner, cause))
        }
        if leases[position].writeOff <= now { writeOff(position, &work) }
        work.next = min(work.next, leases[position].writeOff)
    }

    private func causeToCancel(_ lease: Lease, now: Instant) -> CancellationReason? {
        if cancelsOnLoss, lease.standing == .lost, !lease.isDecided { return .leaseLost }
        if lease.deadline <= now { return .deadline }
        return cancelsAll <= now ? .shutdown : nil
    }

    /// Parts a message from a handler that will not end; what ends with the process keeps its lease instead.
    private mutating func writeOff(_ position: Int, _ work: inout Work) {
        let lease = leases[position]
        leases[position].writeOff = .distantFuture
        let slot = slot(at: position)
        let mustDecide = lease.cause != .shutdown && lease.standing == .held
        work.writtenOff.append((lease.runner, slot, lease, mustDecide))
        guard lease.cause != .shutdown else { return }
        leases[position].runner = .nobody
        leases[position].stage = .ended
        leases[position].isParted = true
        if mustDecide { leases[position].standing = .deciding }
        leases[position].isDecided = true
        if let successor = successors.removeValue(forKey: slot.index) { work.successors.append(successor) }
        releaseIfOver(position)
    }

    private mutating func checkResume(_ position: Int, now: Instant, _ work: inout Work) {
        guard leases[position].stage == .waiting else { return }
        guard leases[position].resume <= now else {
            work.next = min(work.next, leases[position].resume)
            return
        }
        leases[position].resume = .distantFuture
        leases[position].stage = .buffered
        work.resume.append(slot(at: position))
    }

    /// Extends what was leased or extended at least a sixth of the visibility ago: the rest has its turn in time.
    private func beat(_ position: Int, now: Instant, _ work: inout Work) {
        let lease = leases[position]
        guard lease.standing == .held || lease.standing == .deciding else { return }
        guard lease.expires - now < visibility * 5 / 6 else { return }
        work.extend.append((slot(at: position), lease.receipt))
    }
}
