// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The lease of a message on its way through a handler.
extension LeaseTable {
    /// What a lane needs to know of a message it begins with.
    package struct Begun: Sendable {
        package var attempt: Int
        /// Which of the slot's deliveries this is.
        package var run: UInt32
        package var began: Instant
        package var expires: Instant
        /// Whether the new deadline comes before the keeper would look.
        package var isEarlier: Bool
    }

    /// A message that was never run, or not again, and is to be handed back.
    package struct Withdrawn: Sendable {
        package var slot: Slot
        package var receipt: Receipt
        package var attempt: Int
        /// What is left of its wait for a retry in place.
        package var pause: Duration

        init(_ slot: Slot, _ lease: Lease, now: Instant) {
            self.slot = slot
            receipt = lease.receipt
            attempt = lease.attempt
            pause = lease.pause(now: now)
        }
    }

    /// What is left to do about a message whose handler has ended.
    package struct Ended: Sendable {
        package var receipt: Receipt
        package var attempt: Int
        package var releases: Int
        package var cause: CancellationReason?
        package var duration: Duration
        /// Whether the lane has to decide; false when a verb has, or when there is nothing to decide about.
        package var mustDecide: Bool
        /// Whether the message waits in its lane for a retry in place that a verb asked for.
        package var staysInLane: Bool
        /// The same entry leased again meanwhile, to be handed over now.
        package var successor: Held?
    }

    /// Begins to run a buffered message; `nil` when its lease is gone at `now`, and it must be refused.
    ///
    /// The keeper looks for leases that have run out, but a process that stood still begins before its keeper looks.
    package mutating func begin(_ slot: Slot, on runner: RunnerID, now: Instant) -> Begun? {
        guard let position = position(of: slot), leases[position].status == .held,
            leases[position].stage == .buffered, now < leases[position].expires
        else { return nil }
        let deadline = timeout.map { now + $0 } ?? .distantFuture
        leases[position].begin(on: runner, at: now, deadline: deadline)
        lastBegun = now
        let end = min(deadline, cancelsAll)
        look(by: end)
        let isEarlier = end < nextWake
        if isEarlier { nextWake = end }
        return Begun(
            attempt: leases[position].attempt, run: leases[position].run, began: now,
            expires: leases[position].expires, isEarlier: isEarlier)
    }

    /// Ends a message that must not be begun; returns its lease if that had run out and nobody had noticed: another
    /// consumer may run the message by now.
    package mutating func refuse(_ slot: Slot) -> Lease? {
        guard let position = position(of: slot) else { return nil }
        let lease = leases[position]
        let isNews = lease.status == .held && lease.stage == .buffered
        if isNews { leases[position].status = .lost }
        leases[position].stage = .ended
        releaseIfOver(position)
        return isNews ? lease : nil
    }

    /// How many handlers run. Looks at every slot, so it is for rare questions.
    package var runningCount: Int {
        leases.indices.count { inUse[$0] && leases[$0].stage == .running }
    }

    /// Records that a verb decides about a delivery; throws when that has been done, when its handler has ended, or
    /// when another holds the lease.
    ///
    /// An acknowledgement is taken also after the lease was lost, since success is success.
    package mutating func decide(
        _ slot: Slot, run: UInt32, isSuccess: Bool
    ) throws(BrokerError) -> (receipt: Receipt, attempt: Int, releases: Int) {
        guard let position = position(of: slot), leases[position].stage == .running, leases[position].run == run
        else { throw .settledByItsEnd }
        guard !leases[position].isDecided else { throw .settledTwice }
        switch leases[position].status {
        case .held: break
        case .lost where isSuccess: break
        case .lost: throw .lostLease
        case .deciding: throw .settledTwice
        case .settled, .missing: throw .settledElsewhere
        }
        leases[position].status = .deciding
        leases[position].isDecided = true
        return (leases[position].receipt, leases[position].attempt, leases[position].releases)
    }

    /// Marks a running delivery as one that waits in its lane once its handler has ended.
    package mutating func waitInLane(_ slot: Slot, until resume: Instant) {
        guard let position = position(of: slot) else { return }
        leases[position].resume = resume
    }

    /// Records that the handler of a message has ended; `nil` when its lane was written off meanwhile, and somebody
    /// else has decided.
    package mutating func end(_ slot: Slot, by runner: RunnerID, succeeded: Bool, now: Instant) -> Ended? {
        guard let position = position(of: slot), leases[position].stage == .running, leases[position].runner == runner
        else { return nil }
        let status = leases[position].status
        let mustDecide = !leases[position].isDecided && (status == .held || (status == .lost && succeeded))
        leases[position].end(deciding: mustDecide)
        stopSharing(position)
        let staysInLane = stayInLane(position)
        leases[position].isDetached = !mustDecide && !staysInLane
        let successor = successors.isEmpty ? nil : successors.removeValue(forKey: slot.index)
        let ended = Ended(
            receipt: leases[position].receipt, attempt: leases[position].attempt, releases: leases[position].releases,
            cause: leases[position].cause, duration: now - leases[position].began, mustDecide: mustDecide,
            staysInLane: staysInLane, successor: successor)
        releaseIfOver(position)
        return ended
    }

    /// A retry in place that a verb asked for: it waits from the moment at which the handler has ended.
    private mutating func stayInLane(_ position: Int) -> Bool {
        guard leases[position].resume < .distantFuture else { return false }
        switch leases[position].status {
        case .held:
            waitInLane(position, until: leases[position].resume)
            return true
        case .deciding: return true
        case .settled, .lost, .missing: return false
        }
    }

    /// Ends a message that was never run, or waits to be run again, because it is handed back at `now`.
    package mutating func withdraw(_ slot: Slot, now: Instant) -> Withdrawn? {
        guard let position = position(of: slot), leases[position].stage != .running else { return nil }
        leases[position].stage = .ended
        guard leases[position].status == .held else {
            releaseIfOver(position)
            return nil
        }
        let withdrawn = Withdrawn(slot, leases[position], now: now)
        leases[position].status = .deciding
        leases[position].resume = .distantFuture
        return withdrawn
    }

    /// Ends every message that no handler has, at the end of a drain; returns those that are to be handed back.
    package mutating func withdrawAll(now: Instant) -> [Withdrawn] {
        leases.indices.filter { inUse[$0] }.compactMap { withdraw(slot(at: $0), now: now) }
    }
}

extension BrokerError {
    /// A verb behind another one.
    static let settledTwice = BrokerError(
        .alreadySettled,
        "an earlier call has settled this delivery, and that settlement holds; a handler calls one of ack, nack, retry, "
            + "release, deadLetter and forward at most: return after it")
    /// A verb when there is nothing to decide any more.
    static let settledElsewhere = BrokerError(
        .alreadySettled,
        "the message of this delivery is settled already, by another consumer, or its entry is gone from the stream; "
            + "there is nothing left to decide: return")
    /// A verb when the handler has ended.
    static let settledByItsEnd = BrokerError(
        .alreadySettled,
        "the handler of this delivery has ended, which has settled it; call verbs before the handler returns, and await "
            + "in it what it has started")
    static let lostLease = BrokerError(
        .leaseLost, "another consumer holds the lease by now; only an ack is still taken")
}
