// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// What the deliveries of one consumer may touch: their leases, and the inbox for what they decide.
final class DeliveryContext: Sendable {
    let identity: ConsumerIdentity
    /// Where the bodies are in the entries of its streams.
    let layouts: StreamLayouts
    let runtime: EngineRuntime
    let decider: Decider
    let newGroup: NewGroupWatch
    let leases: LeaseStore
    let inbox: SettleInbox
    let waiters: SettlementWaiters
    let extender: LeaseExtender
    let observers: Observers
    /// By which handlers publish.
    let router: PublishRouter
    /// By which handlers reply.
    let replies: ReplyPublisher
    let logger: Logger

    init(
        identity: ConsumerIdentity, layouts: StreamLayouts, runtime: EngineRuntime, decider: Decider,
        newGroup: NewGroupWatch, leases: LeaseStore, inbox: SettleInbox, waiters: SettlementWaiters,
        extender: LeaseExtender, observers: Observers, router: PublishRouter, replies: ReplyPublisher, logger: Logger
    ) {
        self.identity = identity
        self.layouts = layouts
        self.runtime = runtime
        self.decider = decider
        self.newGroup = newGroup
        self.leases = leases
        self.inbox = inbox
        self.waiters = waiters
        self.extender = extender
        self.observers = observers
        self.router = router
        self.replies = replies
        self.logger = logger
    }

    var now: Instant { runtime.clock.now }

    /// Tells those who wait for the settlement, and the observers, that another consumer has the message now.
    func tellLost(_ slot: Slot, _ lease: Lease) {
        waiters.tell(slot, .lost)
        observers.tell(.leaseLost(identity.delivery(lease.receipt, attempt: lease.attempt)))
    }
}

/// What stands behind the verbs of a delivery.
extension DeliveryContext {
    /// Decides about the delivery and hands the decision to the settle loop.
    func decide(_ delivery: Delivery, _ verb: Ending.Verb) throws(BrokerError) {
        try decide(delivery, on: .asked(verb), isSuccess: verb.isSuccess)
    }

    /// Decides by the way in which the handling of the delivery alone has ended.
    func decide(_ delivery: Delivery, on ending: Ending, isSuccess: Bool) throws(BrokerError) {
        let (slot, run) = (delivery.held.slot, delivery.begun.run)
        let result = leases.withLock { table -> Result<(receipt: Receipt, attempt: Int, releases: Int), BrokerError> in
            Result { () throws(BrokerError) in try table.decide(slot, run: run, isSuccess: isSuccess) }
        }
        let lease = try result.get()
        let verdict = decider.verdict(on: ending, attempt: lease.attempt, releases: lease.releases)
        if let pause = verdict.resumeAfter {
            let resume = now + pause
            leases.withLock { $0.waitInLane(slot, until: resume) }
        }
        inbox.put(
            Decision(
                slot: slot, receipt: lease.receipt, verdict: verdict, attempt: lease.attempt,
                handling: now - delivery.begun.began))
    }

    /// Extends the lease of one delivery now.
    func extend(_ delivery: Delivery) async throws(BrokerError) {
        let slot = delivery.held.slot
        let lease = try lease(of: delivery)
        guard let subscription = extender.subscription.withLock({ $0 }) else { throw .settledByItsEnd }
        try await extender.extend([(slot, lease.receipt)], by: subscription)
        if leases.withLock({ $0[slot]?.status }) == .lost { throw .lostLease }
    }

    /// The lease of a delivery that is still to be decided; throws when it has been, or when another holds the message.
    func lease(of delivery: Delivery) throws(BrokerError) -> Lease {
        guard let lease = leases.withLock({ $0[delivery.held.slot] }), lease.stage == .running,
            lease.run == delivery.begun.run
        else { throw .settledByItsEnd }
        switch lease.status {
        case .held: return lease
        case .lost: throw .lostLease
        case .deciding: throw .settledTwice
        case .settled, .missing: throw lease.isDecided ? .settledTwice : .settledElsewhere
        }
    }

    /// When the lease runs out as things stand; `nil` once the consumer has let go of the message.
    func leaseExpiry(of slot: Slot) -> Instant? {
        leases.withLock { table in table.position(of: slot).map { table.leases[$0].expires } }
    }

    /// Waits until it is known what became of the delivery's settlement; a slot that has gone on to another run has
    /// been settled for this one.
    func result(of delivery: Delivery) async -> SettledEvent.Outcome {
        let slot = delivery.held.slot
        return await waiters.result(of: slot) {
            guard let lease = leases.withLock({ $0[slot] }), lease.run == delivery.begun.run else { return .settled }
            return switch lease.status {
            // Decided and held again: the retry in place is on record, and the message waits for it.
            case .held: lease.isDecided ? .done : nil
            case .deciding: nil
            case .settled: .done
            case .lost: .lost
            case .missing: .missing
            }
        }
    }
}

extension Ending.Verb {
    /// Whether the message has been handled, so that it is done also when another consumer holds it by now.
    fileprivate var isSuccess: Bool {
        switch self {
        case .ack, .forwarded: true
        case .nack, .retry, .release, .deadLetter, .forward: false
        }
    }
}
