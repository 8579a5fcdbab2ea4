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
        /// Handlers that run for long, of those that share a runner one.
        package var slow: [(lease: Lease, running: Duration)] = []
        /// The handler that has been running longest, of all that run for long.
        package var oldest: Lease?
        /// The runners of these.
        var slowRunners: Set<RunnerID> = []
        /// Messages whose wait in their lane is over.
        package var resume: [Slot] = []
        /// Entries that waited for a delivery which was written off, to be handed over now.
        package var successors: [Held] = []
        /// Messages that no handler here will begin, to be handed back.
        package var withdrawn: [Withdrawn] = []
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

    /// Does what is due; called when the keeper's timer fires and whenever something is due earlier.
    ///
    /// Looks at every lease only when a heartbeat, a deadline or the end of a lease is due: a retry in place costs no
    /// walk through the table.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - poolSeen: When handlers could last run. When that is longer ago than a lease lasts, what
    ///     is past its deadline is not extended: nobody here will end it, and others can.
    ///   - handsBack: Whether what no handler has is handed back then, after a second at the earliest. Of use where
    ///     settlements need no thread of the pool.
    /// - Returns: What the keeper has to do.
    package mutating func tick(now: Instant, poolSeen: Instant = .distantFuture, handsBack: Bool = false) -> Work {
        var work = Work()
        if nextLook <= now { lookAtAll(now: now, poolSeen: poolSeen, &work) }
        let isDead = now - poolSeen > max(visibility, .seconds(1))
        if work.isHeartbeat, handsBack, isDead { work.withdrawn = withdrawAll(now: now) }
        while let slot = resumes.popFirst(upTo: now) { resume(slot, now: now, &work) }
        work.next = min(nextLook, resumes.next)
        nextWake = work.next
        return work
    }

    private mutating func lookAtAll(now: Instant, poolSeen: Instant, _ work: inout Work) {
        let beats = nextHeartbeat <= now
        let isAlive = now - poolSeen <= visibility
        if beats { nextHeartbeat = now + visibility / 3 }
        work.isHeartbeat = beats
        // Whatever begins until then is looked at before it has run for so long.
        nextLook = min(nextHeartbeat, now + warnAfter)
        for position in leases.indices where inUse[position] {
            checkExpiry(position, now: now, &work)
            checkDuration(position, now: now, &work)
            checkHandler(position, now: now, &work)
            if beats, isAlive || !leases[position].isOverdue(now: now) { beat(position, now: now, &work) }
        }
    }

    /// Lets every lease be looked at by `instant`; the keeper sees to it once it is woken.
    mutating func look(by instant: Instant) {
        nextLook = min(nextLook, instant)
    }

    /// A heartbeat has failed: the next one comes well before the leases end, and not only at the next third.
    ///
    /// Returns in how long it comes.
    @discardableResult
    package mutating func heartbeatFailed(now: Instant) -> Duration {
        nextHeartbeat = min(nextHeartbeat, now + visibility / 12)
        look(by: nextHeartbeat)
        nextWake = min(nextWake, nextHeartbeat)
        return max(.zero, nextHeartbeat - now)
    }

    /// From `instant` on, every handler is cancelled: the end of a drain.
    package mutating func cancelAll(from instant: Instant) {
        cancelsAll = min(cancelsAll, instant)
        look(by: instant)
        nextWake = min(nextWake, instant)
    }

    /// Applies what became of the extensions that were asked for at `asked`; the next tick cancels whose lease is lost.
    ///
    /// While there is doubt about one lease, none counts as lost: what others have taken over tells the provider, which
    /// is asked next, how the doubted ones have gone.
    package mutating func extended(
        _ leased: [(slot: Slot, receipt: Receipt)], _ outcomes: [SettlementOutcome], asked: Instant
    ) -> Extended {
        var result = Extended()
        for (request, outcome) in zip(leased, outcomes) where isDoubtful(request, outcome) { hasDoubts = true }
        for (request, outcome) in zip(leased, outcomes) {
            let position = Int(request.slot.index)
            guard let lease = self[request.slot], lease.receipt == request.receipt else { continue }
            switch outcome {
            case .done, .renewed: leases[position].expires = max(lease.expires, asked + visibility)
            case .lost where lease.status == .held && !hasDoubts:
                leases[position].status = .lost
                look(by: .distantPast)
                result.lost.append((request.slot, lease))
            case .missing where lease.status == .held:
                leases[position].status = .missing
                result.missing.append((request.slot, lease))
            case .lost, .missing, .settled, .deadLettered, .refused: break
            }
            endWaiting(position)
        }
        return result
    }

    /// Whether a lease is gone that nobody here has settled.
    private func isDoubtful(_ request: (slot: Slot, receipt: Receipt), _ outcome: SettlementOutcome) -> Bool {
        guard case .settled = outcome, let lease = self[request.slot] else { return false }
        return lease.receipt == request.receipt && lease.status == .held && !lease.wasDoubted
    }

    private mutating func checkExpiry(_ position: Int, now: Instant, _ work: inout Work) {
        guard leases[position].status == .held else { return }
        guard leases[position].expires <= now else { return look(by: leases[position].expires) }
        work.lost.append((slot(at: position), leases[position]))
        leases[position].status = .lost
        endWaiting(position)
    }

    /// A message that waits in its lane and is no longer ours has nothing to wait for.
    mutating func endWaiting(_ position: Int) {
        guard leases[position].stage == .waiting, leases[position].status != .held else { return }
        waitInLane(position, until: .distantPast)
    }

    private mutating func checkHandler(_ position: Int, now: Instant, _ work: inout Work) {
        guard leases[position].stage == .running else { return }
        if leases[position].cause == nil {
            guard let cause = causeToCancel(position, now: now) else {
                return look(by: min(leases[position].deadline, cancelsAll))
            }
            leases[position].cause = cause
            leases[position].writeOff = now + Self.patience
            work.cancel.append((leases[position].runner, cause))
        }
        if leases[position].writeOff <= now { writeOff(position, &work) }
        look(by: leases[position].writeOff)
    }

    private func causeToCancel(_ position: Int, now: Instant) -> CancellationReason? {
        if cancelsOnLoss, leases[position].status == .lost, !leases[position].isDecided { return .leaseLost }
        if leases[position].deadline <= now { return .deadline }
        return cancelsAll <= now ? .shutdown : nil
    }

    /// Detaches a message from a handler that will not end; what ends with the process keeps its lease instead.
    private mutating func writeOff(_ position: Int, _ work: inout Work) {
        let lease = leases[position]
        leases[position].writeOff = .distantFuture
        let slot = slot(at: position)
        let mustDecide = lease.cause != .shutdown && lease.status == .held
        work.writtenOff.append((lease.runner, slot, lease, mustDecide))
        guard lease.cause != .shutdown else { return }
        leases[position].runner = .nobody
        leases[position].stage = .ended
        leases[position].isDetached = true
        if mustDecide { leases[position].status = .deciding }
        leases[position].isDecided = true
        if let successor = successors.removeValue(forKey: slot.index) { work.successors.append(successor) }
        releaseIfOver(position)
    }

    /// Lets a message wait in its lane.
    mutating func waitInLane(_ position: Int, until resume: Instant) {
        leases[position].stage = .waiting
        leases[position].resume = resume
        resumes.insert(slot(at: position), at: resume)
        nextWake = min(nextWake, resume)
        if resumes.count > max(64, 2 * held) { dropVoidResumes() }
    }

    private mutating func dropVoidResumes() {
        resumes = ResumeHeap()
        for position in leases.indices where inUse[position] && leases[position].stage == .waiting {
            resumes.insert(slot(at: position), at: leases[position].resume)
        }
    }

    private mutating func resume(_ slot: Slot, now: Instant, _ work: inout Work) {
        guard let position = position(of: slot), leases[position].stage == .waiting, leases[position].resume <= now
        else { return }
        leases[position].resume = .distantFuture
        leases[position].stage = .buffered
        work.resume.append(slot)
    }

    /// Extends what was leased or extended at least a sixth of the visibility ago: the rest has its turn in time.
    private func beat(_ position: Int, now: Instant, _ work: inout Work) {
        guard leases[position].status == .held || leases[position].status == .deciding else { return }
        guard leases[position].expires - now < visibility * 5 / 6 else { return }
        work.extend.append((slot(at: position), leases[position].receipt))
    }
}
