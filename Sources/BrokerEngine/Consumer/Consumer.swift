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
        /// Every lane by its number, but those that were put aside.
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

    let context: ConsumerContext
    let provider: any BrokerProvider
    let request: SubscriptionRequest
    private let openLanes: OpenLanes
    private let work: any LaneWork
    private let state = Mutex(State())
    private let stopSignal = WakeSignal()
    private let laneSignal = WakeSignal()
    let joinSignal = WakeSignal()
    /// Raised when the consumer has ended.
    let ended = WakeSignal()

    init(
        context: ConsumerContext, provider: any BrokerProvider, request: SubscriptionRequest, lanes: OpenLanes,
        work: any LaneWork
    ) {
        self.context = context
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
            drain(handlersUntil: context.now, overdue: context.now)
        }
        ended.raise()
        return state.withLock { $0.isClean }
    }

    /// Begins to end: nothing is begun any more, what is buffered is handed back, handlers may go on for a while.
    func drain(handlersUntil: Instant, overdue: Instant) {
        state.withLock { state in
            state.isDraining = true
            state.overdue = min(state.overdue, overdue)
        }
        stopSignal.raise()
        context.handBack(context.lanes.close())
        context.leases.withLock { $0.cancelAll(from: handlersUntil) }
        context.keeperSignal.raise()
        context.inbox.signal.raise()
        laneSignal.raise()
        joinSignal.raise()
    }

    var isDraining: Bool { state.withLock { $0.isDraining } }

    private func consume(_ subscription: any BrokerSubscription) async {
        context.subscription.withLock { $0 = subscription }
        context.observers.tell(.subscribed(context.identity))
        await withDiscardingTaskGroup { stations in
            let keeper = LeaseKeeper(
                consumer: context, subscription: subscription, cancel: { self.cancel($0) },
                replace: { self.replace($0) }, disown: { self.state.withLock { $0.isClean = false } })
            let keep: @Sendable () async -> Void = {
                await keeper.run { self.state.withLock { $0.lanesHaveEnded && $0.isSettled } }
                self.context.pulse.end()
                self.context.leaseEvents.finish()
            }
            // A preference of nil is no preference of the parent's either, once optimised (Swift 6.3.1).
            if let executor = context.runtime.leaseExecutor {
                stations.addTask(executorPreference: executor) { await keep() }
            } else {
                stations.addTask { await keep() }
            }
            stations.addTask { await self.context.tellLeaseEvents() }
            stations.addTask { await self.context.answerPulse(on: self.context.runtime.clock) }
            stations.addTask { await self.settle(subscription) }
            await runLanes(subscription)
            state.withLock { $0.lanesHaveEnded = true }
            context.keeperSignal.raise()
            context.inbox.finish(now: context.now)
        }
        context.subscription.withLock { $0 = nil }
        await subscription.close()
        context.observers.tell(.unsubscribed(context.identity))
    }

    private func settle(_ subscription: any BrokerSubscription) async {
        let loop = SettleLoop(consumer: context, subscription: subscription)
        let isClean = await loop.run { self.state.withLock { $0.overdue } }
        state.withLock { state in
            state.isSettled = true
            if !isClean { state.isClean = false }
        }
        context.waiters.end()
        context.keeperSignal.raise()
    }

    private func runLanes(_ subscription: any BrokerSubscription) async {
        await withDiscardingTaskGroup { lanes in
            for _ in 0..<context.laneCount {
                let lane = makeLane()
                lanes.addTask { await self.openLanes.run(lane) }
            }
            lanes.addTask {
                await FetchLoop(consumer: self.context, subscription: subscription).run(until: self.stopSignal)
                self.context.handBack(self.context.lanes.close())
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
            let lane = Lane(number: state.lastLane, consumer: context, work: work)
            state.lanes[state.lastLane] = lane
            return lane
        }
    }

    private func cancel(_ runner: RunnerID) {
        state.withLock { $0.lanes[runner.lane] }?.cancel(runner)
    }

    /// Puts a lane aside whose handler does not end, and opens another one in its place.
    private func replace(_ runner: RunnerID) {
        guard let hung = state.withLock({ $0.lanes[runner.lane] }), hung.abandon(runner) else { return }
        state.withLock { $0.lanes[runner.lane] = nil }
        let lane = makeLane()
        state.withLock { $0.newLanes.append(lane) }
        laneSignal.raise()
    }
}
