// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// What the stations of one consumer share: its names, its policies, its lease table, and the inboxes.
///
/// The lease table is behind one mutex that is held for a few dozen nanoseconds at a time and never across a call: an
/// actor would cost a hop for each message.
final class ConsumerContext: Sendable {
    let identity: ConsumerIdentity
    let settings: ConsumerSettings
    let rules: VerdictRules
    let runtime: EngineRuntime
    let observers: Observers
    /// By which the lease keeper reaches them.
    let leaseEvents = LeaseEvents()
    /// Whether its tasks get a thread.
    let pulse: PoolPulse
    /// By which its handlers publish.
    let router: PublishRouter
    let logger: Logger
    let answers: ReplyPublisher
    /// How many messages the consumer may hold, besides what waits behind its key.
    let capacity: Int

    let leases: Mutex<LeaseTable>
    let lanes: LaneQueues
    let inbox = SettleInbox()
    /// Raised when the fetch loop may have room, or when lanes have become short of messages.
    let fetchSignal: WakeSignal
    /// Raised when the consumer holds no suspect any more, by a signal of each receive's own: a ring that was left over
    /// from the one before would end the next at once.
    let suspectWatch = Mutex<WakeSignal?>(nil)
    /// Raised when the keeper has to look earlier than it would.
    let keeperSignal = WakeSignal()
    /// The subscription in the group, once the consumer has one.
    let subscription = Mutex<(any BrokerSubscription)?>(nil)
    let health = Mutex(ConsumerHealth())
    let waiters = SettlementWaiters()

    init(
        identity: ConsumerIdentity, settings: ConsumerSettings, neverGivesUp: Bool, batchSize: Int?,
        runtime: EngineRuntime, observers: Observers, router: PublishRouter, answers: ReplyPublisher, logger: Logger
    ) {
        self.identity = identity
        self.settings = settings
        self.runtime = runtime
        self.observers = observers
        self.router = router
        self.answers = answers
        self.logger = logger
        rules = VerdictRules(
            retry: settings.retry, deadLetters: settings.deadLetter.isEnabled,
            retriesInPlace: settings.ordering != .none, neverGivesUp: neverGivesUp)
        capacity = settings.concurrency * (batchSize ?? 1) + settings.prefetch
        leases = Mutex(
            LeaseTable(
                visibility: settings.visibility, timeout: settings.timeout, cancelsOnLoss: batchSize == nil,
                now: runtime.clock.now))
        pulse = PoolPulse(now: runtime.clock.now)
        let fetchSignal = WakeSignal()
        self.fetchSignal = fetchSignal
        lanes = LaneQueues(ordering: settings.ordering, backlog: runtime.backlog, short: fetchSignal)
    }

    var now: Instant { runtime.clock.now }

    /// How many lanes have something to do: of one stream in strict order only one message is handled at a time.
    var laneCount: Int {
        if settings.ordering == .stream, case .stream = identity.selection { return 1 }
        return settings.concurrency
    }

    /// Decides by the consumer's policies.
    func verdict(on ending: Ending, attempt: Int, releases: Int) -> Verdict {
        var generator = runtime.generator
        return Verdict(on: ending, attempt: attempt, releases: releases, rules: rules, using: &generator)
    }

    /// Names a delivery for observers.
    func delivery(_ receipt: Receipt, attempt: Int) -> DeliveryIdentity {
        DeliveryIdentity(consumer: identity, stream: receipt.stream, id: receipt.id, attempt: attempt)
    }

    /// How much room there is, and what the lanes are short of; `outstanding` is what a read still owes.
    func demand(outstanding: Int = 0) -> Demand {
        let supply = lanes.supply
        let held = leases.withLock { $0.held }
        return Demand(capacity: capacity, held: held + outstanding, lanes: supply)
    }

    /// Wakes the fetch loop after a message gave its place back without a flush: there may be room, for a suspect too.
    func noteRoom() {
        fetchSignal.raise()
        if leases.withLock({ $0.suspects == 0 }) { suspectWatch.withLock { $0 }?.raise() }
    }
}
