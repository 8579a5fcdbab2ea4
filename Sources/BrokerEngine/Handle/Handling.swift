// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What a lane does with the messages it has taken: begins and ends deliveries, or hands messages back.
struct Handling: Sendable {
    let lanes: LaneQueues
    let leases: LeaseStore
    let inbox: SettleInbox
    /// What every delivery knows.
    let context: DeliveryContext
    /// Whether a message that is done with lets another one through. A copy: what stands beside the lock of the lanes
    /// has to be fetched from the core that took it last.
    private let isOrdered: Bool

    init(lanes: LaneQueues, leases: LeaseStore, inbox: SettleInbox, context: DeliveryContext) {
        self.lanes = lanes
        self.leases = leases
        self.inbox = inbox
        self.context = context
        isOrdered = lanes.isOrdered
    }

    var now: Instant { context.now }

    /// Begins a delivery; `nil` when the message must not be run, which is then taken care of.
    func begin(_ held: Held, as runner: RunnerID, at now: Instant) -> Delivery? {
        guard let begun = leases.withLock({ $0.begin(held.slot, on: runner, now: now) }) else {
            if let lease = leases.withLock({ $0.refuse(held.slot) }) { context.tellLost(held.slot, lease) }
            finish(held.slot)
            leases.signalRoom()
            return nil
        }
        if begun.isEarlier { leases.keeperSignal.raise() }
        let delivery = Delivery(held: held, begun: begun, consumer: context)
        if let group = held.onlyGroup, group != context.identity.group.text {
            _ = end(delivery, as: runner, .meantForAnother)
            return nil
        }
        guard begun.attempt <= context.decider.rules.attempts else {
            _ = end(delivery, as: runner, .neverRan)
            return nil
        }
        return delivery
    }

    /// Ends a delivery and decides about it, unless a verb has; returns whether its runner was cancelled.
    func end(_ delivery: Delivery, as runner: RunnerID, _ ending: Ending) -> Bool {
        let now = now
        let held = delivery.held
        let succeeded = ending.isSuccess
        let ended = leases.withLock { $0.end(held.slot, by: runner, succeeded: succeeded, now: now) }
        guard let ended else { return true }
        context.newGroup.note(ending)
        let stays = decide(held, ended, ending) || ended.staysInLane
        if stays {
            lanes.keepInPlace(held)
            leases.keeperSignal.raise()
        } else {
            finish(held.slot)
        }
        if let successor = ended.successor { lanes.push([successor]) }
        return ended.cause != nil || Task.isCancelled
    }

    private func finish(_ slot: Slot) {
        if isOrdered { lanes.finish(slot) }
    }

    /// Decides if there is something to decide; returns whether the message stays in its lane for a retry in place.
    private func decide(_ held: Held, _ ended: LeaseTable.Ended, _ ending: Ending) -> Bool {
        guard ended.mustDecide else {
            // What a verb settled while the handler ran gives its place back only now.
            leases.signalRoom()
            if let error = ending.error, ended.cause == nil {
                let identity = context.identity.delivery(ended.receipt, attempt: ended.attempt)
                context.observers.tell(.failedAfterSettling(identity, error: error))
            }
            return false
        }
        let verdict = ending.isSuccess ? .ack : verdict(on: ending, ended)
        inbox.put(
            Decision(
                slot: held.slot, receipt: ended.receipt, verdict: verdict, attempt: ended.attempt,
                handling: ended.duration))
        return verdict.resumeAfter != nil
    }

    private func verdict(on ending: Ending, _ ended: LeaseTable.Ended) -> Verdict {
        let final = ending.considering(ended.cause, isCancelled: Task.isCancelled)
        return keptForNow(final, ended)
            ?? context.decider.verdict(on: final, attempt: ended.attempt, releases: ended.releases)
    }

    /// The verdict on a message that a new group cannot decode; `nil` for every other one.
    private func keptForNow(_ ending: Ending, _ ended: LeaseTable.Ended) -> Verdict? {
        guard case .undecodable(let undecodable) = ending else { return nil }
        let reason = undecodable.summary
        let action = context.newGroup.undecodable(ended.receipt, reason)
        let delivery = context.identity.delivery(ended.receipt, attempt: ended.attempt)
        switch action {
        case .decide: return nil
        case .keep(let isFirstTime):
            if isFirstTime { context.observers.tell(.keptUndecodable(delivery, reason: reason)) }
        case .keepAndStop:
            context.observers.tell(
                .stoppedByUndecodable(context.identity, messages: FirstMessages.limit, reason: reason))
        }
        return Verdict(.release(after: FirstMessages.pause))
    }

    /// Hands messages back that were never begun, or not again: their attempt is refunded, and what waits for a retry
    /// waits on.
    func handBack(_ messages: [Held]) {
        let now = now
        for held in messages {
            finish(held.slot)
            guard let withdrawn = leases.withLock({ $0.withdraw(held.slot, now: now) }) else { continue }
            inbox.put(Decision(handingBack: withdrawn))
        }
        // What was no longer held has given its place back.
        leases.signalRoom()
    }
}
