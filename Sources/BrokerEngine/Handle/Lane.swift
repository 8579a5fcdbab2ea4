// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Station 4 of 6: runs one handler at a time, message after message.
///
/// An outer loop around one runner child. To cancel a handler its runner is cancelled, ends its message, and the lane
/// goes on with a new runner: one message is cancelled and no other is disturbed, without a task for each message.
final class Lane: Sendable {
    private struct State {
        var runners: LaneRunners
        var stopSignal = WakeSignal()
    }

    private let handling: Handling
    private let work: any LaneWork
    private let laneSignal = WakeSignal()
    private let state: Mutex<State>

    init(number: Int32, handling: Handling, work: any LaneWork) {
        state = Mutex(State(runners: LaneRunners(lane: number)))
        self.handling = handling
        self.work = work
    }

    /// Runs until nothing will be handed over any more, or until the lane has been replaced.
    func run() async {
        var isOver = false
        while !isOver, let (runner, stopSignal) = nextRunner() {
            // Most lanes are idle for long, and a runner is a task: it begins when there is something for it.
            let wait = await handling.lanes.waitForMore(laneSignal)
            isOver = await run(runner, after: wait, until: stopSignal)
        }
    }

    /// Runs a runner to its end, or until the signal is raised; returns whether nothing will be handed over any more.
    @inline(never)  // What it needs is no part of a lane that waits.
    private func run(_ runner: RunnerID, after wait: UInt64?, until stopSignal: WakeSignal) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                let isOver = await self.handleMessages(as: runner, after: wait)
                stopSignal.raise()
                return isOver
            }
            await stopSignal.waitUnlessCancelled()
            group.cancelAll()
            return await group.next() ?? true
        }
    }

    /// Cancels what a runner does; does nothing when that runner is over.
    func cancel(_ runner: RunnerID) {
        state.withLock { $0.runners.isCurrent(runner) ? $0.stopSignal : nil }?.raise()
    }

    /// Gives the lane no message any more, since the handler of `runner` ignores its cancellation; returns false when
    /// that handler has ended after all, or when the lane was abandoned before.
    func abandon(_ runner: RunnerID) -> Bool {
        state.withLock { $0.runners.abandon(runner) }
    }

    private func nextRunner() -> (RunnerID, WakeSignal)? {
        state.withLock { state in
            guard let runner = state.runners.next() else { return nil }
            state.stopSignal = WakeSignal()
            return (runner, state.stopSignal)
        }
    }

    /// Handles messages until one of them was cancelled, as in a lane that was abandoned; returns whether nothing will
    /// be handed over any more.
    private func handleMessages(as runner: RunnerID, after wait: UInt64?) async -> Bool {
        var wait = wait
        while let held = await handling.lanes.next(laneSignal, after: wait) {
            wait = nil
            if Task.isCancelled {
                handling.handBack([held])
                return false
            }
            if await work.handle(held, as: runner, laneSignal: laneSignal) { return false }
        }
        return true
    }
}

/// Which runner a lane has, and whether it gets another one: a pure value.
///
/// Between the keeper's look at a handler that does not end and what it does about that, the handler may end after all.
/// Then the lane has gone on with its next runner, and must not be abandoned.
package struct LaneRunners: Sendable {
    private var current: RunnerID
    private var isAbandoned = false

    /// A lane without a runner.
    package init(lane: Int32) {
        current = RunnerID(lane: lane, incarnation: 0)
    }

    /// Begins the next runner; `nil` when the lane has been abandoned.
    package mutating func next() -> RunnerID? {
        guard !isAbandoned else { return nil }
        current.incarnation &+= 1
        return current
    }

    /// Whether that runner is the one the lane has.
    package func isCurrent(_ runner: RunnerID) -> Bool { runner == current }

    /// Abandons the lane because the handler of a runner does not end; false when that runner is over, or when the lane
    /// has been abandoned already.
    package mutating func abandon(_ runner: RunnerID) -> Bool {
        guard runner == current, !isAbandoned else { return false }
        isAbandoned = true
        return true
    }
}
