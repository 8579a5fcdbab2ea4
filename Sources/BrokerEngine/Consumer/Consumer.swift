// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// One consumer of one group: joins, lets its stations run, and leaves when it is drained.
///
/// Structured: fetch, lanes and settle are children of one task group, and the order in which its groups end is the
/// order of a drain. Fetching ends first, then the lanes, then what they decided is settled, and only then nobody keeps
/// the leases any more.
final class Consumer: Sendable {
    private struct State {
        /// The lanes by their numbers, without those that were replaced.
        var lanes: [Int32: Lane] = [:]
        var lastLane: Int32 = -1
        /// Lanes that were opened in the place of others and wait to be run.
        var newLanes: [Lane] = []
        var isDraining = false
        /// When settlements that the provider does not take are given up.
        var overdue = Instant.distantFuture
        /// Whether the last handler has ended, so that nothing uses a lease any more.
        var lanesHaveEnded = false
        /// Whether the settle loop has ended, so that nothing needs a lease any more.
        var isSettled = false
        /// Whether everything was settled and every handler ended in time.
        var isClean = true

        mutating func takeNewLanes() -> [Lane] {
            defer { newLanes = [] }
            return newLanes
        }
    }

    let stations: ConsumerStations
    let provider: any BrokerProvider
    let request: SubscriptionRequest
    private let openLanes: OpenLanes
    private let work: any LaneWork
    private let state = Mutex(State())
    private let laneSignal = WakeSignal()
    let joinSignal = WakeSignal()
    /// Raised when the consumer has ended.
    let endedSignal = WakeSignal()

    init(
        stations: ConsumerStations, provider: any BrokerProvider, request: SubscriptionRequest, lanes: OpenLanes,
        work: any LaneWork
    ) {
        self.stations = stations
        self.provider = provider
        self.request = request
        openLanes = lanes
        self.work = work
    }

    /// Runs until drained or cancelled; returns whether everything was settled and every handler ended in time.
    func run() async -> Bool {
        await withTaskCancellationHandler {
            if let subscription = await join() { await consume(subscription) }
        } onCancel: {
            drain(handlersUntil: stations.clock.now, overdue: stations.clock.now)
        }
        endedSignal.raise()
        return state.withLock { $0.isClean }
    }

    /// Begins the drain: no message is begun any more, buffered ones are handed back, handlers may go on for a while.
    func drain(handlersUntil: Instant, overdue: Instant) {
        state.withLock { state in
            state.isDraining = true
            state.overdue = min(state.overdue, overdue)
        }
        stations.stopSignal.raise()
        stations.handling.handBack(stations.lanes.close())
        stations.leases.withLock { $0.cancelAll(from: handlersUntil) }
        stations.leases.keeperSignal.raise()
        stations.inbox.decisionSignal.raise()
        laneSignal.raise()
        joinSignal.raise()
    }

    var isDraining: Bool { state.withLock { $0.isDraining } }

    private func consume(_ subscription: any BrokerSubscription) async {
        stations.extender.subscription.withLock { $0 = subscription }
        if subscription.executor != nil { stations.events.takeAll() }
        await watchNewGroup()
        stations.observers.tell(.subscribed(stations.identity))
        stations.announce(start: request.start)
        let keeper = stations.leaseKeeper(
            subscription, cancel: { self.cancel($0) }, replace: { self.replace($0) },
            abandon: { self.state.withLock { $0.isClean = false } })
        await withDiscardingTaskGroup { group in
            stations.runLeaseKeeper(keeper, in: &group) {
                self.state.withLock { $0.lanesHaveEnded && $0.isSettled }
            }
            group.addTask(on: subscription.executor) { await self.settle(subscription) }
            group.addTask { await self.confirmGroup() }
            await runLanes(subscription)
            state.withLock { $0.lanesHaveEnded = true }
            stations.newGroup.end()
            stations.leases.keeperSignal.raise()
            stations.inbox.finish(now: stations.clock.now)
        }
        stations.extender.subscription.withLock { $0 = nil }
        await subscription.close()
        stations.observers.tell(.unsubscribed(stations.identity))
    }

    private func settle(_ subscription: any BrokerSubscription) async {
        let isClean = await stations.settleLoop(subscription).run { self.state.withLock { $0.overdue } }
        state.withLock { state in
            state.isSettled = true
            if !isClean { state.isClean = false }
        }
        stations.waiters.end()
        stations.leases.keeperSignal.raise()
    }

    private func runLanes(_ subscription: any BrokerSubscription) async {
        await withDiscardingTaskGroup { lanes in
            for _ in 0..<stations.laneCount {
                let lane = makeLane()
                lanes.addTask { await self.openLanes.run(lane) }
            }
            lanes.addTask(on: subscription.executor) {
                await self.stations.fetchLoop(subscription).run(until: self.stations.stopSignal)
                self.stations.handling.handBack(self.stations.lanes.close())
            }
            while !isDraining {
                for lane in state.withLock({ $0.takeNewLanes() }) {
                    lanes.addTask { await self.openLanes.run(lane) }
                }
                await laneSignal.wait()
            }
        }
    }

    private func makeLane() -> Lane {
        state.withLock { state in
            state.lastLane += 1
            let lane = Lane(number: state.lastLane, handling: stations.handling, work: work)
            state.lanes[state.lastLane] = lane
            return lane
        }
    }

    private func cancel(_ runner: RunnerID) {
        state.withLock { $0.lanes[runner.lane] }?.cancel(runner)
    }

    /// Replaces a lane whose handler does not end.
    private func replace(_ runner: RunnerID) {
        guard let hung = state.withLock({ $0.lanes[runner.lane] }), hung.abandon(runner) else { return }
        state.withLock { $0.lanes[runner.lane] = nil }
        let lane = makeLane()
        state.withLock { $0.newLanes.append(lane) }
        laneSignal.raise()
    }
}
