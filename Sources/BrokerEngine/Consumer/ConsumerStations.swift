// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// Makes the stations of one consumer: each gets exactly what it may touch.
struct ConsumerStations: Sendable {
    let identity: ConsumerIdentity
    let settings: ConsumerSettings
    let clock: any BrokerClock
    let observers: Observers
    let leases: LeaseStore
    let lanes: LaneQueues
    let inbox = SettleInbox()
    let waiters = SettlementWaiters()
    let calls: CallMonitor
    let extender: LeaseExtender
    /// Ends the fetching.
    let stopSignal: WakeSignal
    let newGroup: NewGroupWatch
    /// Whether a new group keeps what it cannot decode, until a message was handled.
    let keepsFirstMessages: Bool
    /// What lanes and deliveries may touch.
    let handling: Handling

    private let decider: Decider
    private let layouts: StreamLayouts
    private let room: Room
    private let losses: LossReporter
    /// What the stations tell, and the lease keeper.
    let events: EventRelay
    private let pulse: PoolPulse
    private let leaseExecutor: (any TaskExecutor)?
    let logger: Logger

    init(
        identity: ConsumerIdentity, settings: ConsumerSettings, layouts: StreamLayouts, neverGivesUp: Bool,
        batchSize: Int?, runtime: EngineRuntime, observers: Observers, router: PublishRouter, replies: ReplyPublisher,
        logger: Logger
    ) {
        self.identity = identity
        self.settings = settings
        self.layouts = layouts
        self.observers = observers
        self.logger = logger
        clock = runtime.clock
        leaseExecutor = runtime.leaseExecutor
        pulse = PoolPulse(now: runtime.clock.now)
        leases = LeaseStore(
            LeaseTable(
                visibility: settings.visibility, timeout: settings.timeout, warnAfter: settings.warnAfter,
                cancelsOnLoss: batchSize == nil, now: runtime.clock.now))
        lanes = LaneQueues(ordering: settings.ordering, backlog: runtime.backlog, shortSignal: leases.fetchSignal)
        room = Room(
            capacity: settings.concurrency * (batchSize ?? 1) + settings.prefetch, leases: leases, lanes: lanes)
        events = EventRelay(observers)
        calls = CallMonitor(identity: identity, runtime: runtime, events: events)
        losses = LossReporter(identity: identity, leases: leases, waiters: waiters, events: events)
        extender = LeaseExtender(leases: leases, inbox: inbox, losses: losses, clock: runtime.clock)
        decider = Decider(
            rules: VerdictRules(
                retry: settings.retry, deadLetters: settings.deadLetter.isEnabled,
                retriesInPlace: settings.ordering != .none, neverGivesUp: neverGivesUp, errorText: runtime.errorText),
            runtime: runtime)
        stopSignal = WakeSignal()
        newGroup = NewGroupWatch(stopSignal: stopSignal)
        // A stream of dead letters gives nothing up, so nothing is lost there.
        keepsFirstMessages = settings.onUndecodable == .stop && !neverGivesUp
        handling = Handling(
            lanes: lanes, leases: leases, inbox: inbox,
            context: DeliveryContext(
                identity: identity, layouts: layouts, runtime: runtime, decider: decider, newGroup: newGroup,
                leases: leases, inbox: inbox,
                waiters: waiters,
                extender: extender, observers: observers, router: router, replies: replies, logger: logger))
    }

    /// How many lanes have something to do: of one stream in strict order only one message is handled at a time.
    var laneCount: Int {
        if settings.ordering == .stream, case .stream = identity.selection { return 1 }
        return settings.concurrency
    }

    func fetchLoop(_ subscription: any BrokerSubscription) -> FetchLoop {
        FetchLoop(
            identity: identity, layouts: layouts, leases: leases, lanes: lanes, room: room, pulse: pulse,
            calls: calls, events: events, clock: clock, subscription: subscription)
    }

    func settleLoop(_ subscription: any BrokerSubscription) -> SettleLoop {
        SettleLoop(
            identity: identity, inbox: inbox, leases: leases, lanes: lanes, room: room,
            reporter: SettlementReporter(
                identity: identity, waiters: waiters, events: events, deadLetter: settings.deadLetter),
            losses: losses, calls: calls, events: events, clock: clock, subscription: subscription)
    }
}

/// Beside the line: the lease keeper, and what tells for it.
extension ConsumerStations {
    func leaseKeeper(
        _ subscription: any BrokerSubscription, cancel: @escaping @Sendable (RunnerID) -> Void,
        replace: @escaping @Sendable (RunnerID) -> Void, abandon: @escaping @Sendable () -> Void
    ) -> LeaseKeeper {
        LeaseKeeper(
            identity: identity, leases: leases, lanes: lanes, inbox: inbox, extender: extender, losses: losses,
            events: events, calls: calls, pulse: pulse, decider: decider, clock: clock,
            subscription: subscription, cancel: cancel, replace: replace, abandon: abandon)
    }

    /// Adds the lease keeper and what runs beside it to a group of tasks; they end once the keeper has.
    func runLeaseKeeper(
        _ keeper: LeaseKeeper, in stations: inout DiscardingTaskGroup, until isOver: @escaping @Sendable () -> Bool
    ) {
        stations.addTask(on: leaseExecutor) {
            await keeper.run(until: isOver)
            pulse.end()
            events.finish()
        }
        stations.addTask { await events.run(logger: logger, group: identity.group) }
        stations.addTask { await runPulse(on: clock) }
    }

    private func runPulse(on clock: some BrokerClock) async {
        await pulse.run(on: clock)
    }
}
