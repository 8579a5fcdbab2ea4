// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import DequeModule
import Synchronization

/// The hand-over between the fetch loop and the lanes of one consumer.
///
/// Lanes take one message at a time, so whatever a lane has not begun stays takable by an idle one. A push wakes one
/// idle lane, and a lane that takes while more is ready wakes the next: a burst of quick messages does not pay for
/// waking everybody.
final class LaneQueues: Sendable {
    private struct State {
        var queue: LaneQueue
        var idle: Deque<WakeSignal> = []
        var gathering: WakeSignal?
    }

    private enum Answer {
        case taken(Held, wake: WakeSignal?)
        case closed
        case nothing
    }

    private let state: Mutex<State>
    private let isOrdered: Bool
    /// Raised when a lane finds nothing to do.
    private let starved: WakeSignal

    init(ordering: Ordering, starved: WakeSignal) {
        state = Mutex(State(queue: LaneQueue(ordering: ordering)))
        isOrdered = ordering != .none
        self.starved = starved
    }

    /// Whether a lane waits while nothing is ready.
    var isStarving: Bool {
        state.withLock { (!$0.idle.isEmpty || $0.gathering != nil) && !$0.queue.hasReady }
    }

    /// Takes in what was fetched.
    func push(_ messages: [Held]) {
        change { $0.push(messages) }
    }

    /// A lane is done with a message; with an order, the next of its key may go.
    func finish(_ slot: Slot) {
        if isOrdered { change { $0.finish(slot) } }
    }

    /// Keeps a message in its lane until ``resume(_:)``.
    func keepInPlace(_ held: Held) {
        change { $0.keepInPlace(held) }
    }

    /// Lets a message go on that was kept in its lane.
    func resume(_ slot: Slot) {
        change { $0.resume(slot) }
    }

    private func change(_ body: (inout LaneQueue) -> Void) {
        let wakes = state.withLock { state -> (WakeSignal?, WakeSignal?) in
            body(&state.queue)
            let wake = state.queue.hasReady ? state.idle.popFirst() : nil
            return (wake, state.gathering)
        }
        wakes.0?.raise()
        wakes.1?.raise()
    }

    /// Waits for a message; `nil` when nothing will come any more.
    func next(_ doorbell: WakeSignal) async -> Held? {
        var isQueued = false
        while true {
            switch takeOrQueue(doorbell, isQueued: isQueued) {
            case .taken(let held, let wake):
                wake?.raise()
                return held
            case .closed:
                return nil
            case .nothing:
                isQueued = true
                starved.raise()
                await doorbell.wait()
            }
        }
    }

    /// Takes, or queues for the next wake. A lane that was woken by an old ring leaves the queue first, so that no wake
    /// goes to a lane that is busy.
    private func takeOrQueue(_ doorbell: WakeSignal, isQueued: Bool) -> Answer {
        state.withLock { state in
            if isQueued { state.idle.removeAll { $0 === doorbell } }
            if state.queue.isClosed { return .closed }
            if !leavesToGatherer(state), let held = state.queue.take() {
                return .taken(held, wake: state.queue.hasReady ? state.idle.popFirst() : nil)
            }
            state.idle.append(doorbell)
            return .nothing
        }
    }

    /// Whether whatever is ready belongs into the batch that another lane fills; with an order it has other keys.
    private func leavesToGatherer(_ state: borrowing State) -> Bool {
        !isOrdered && state.gathering != nil
    }

    /// Fills a batch that has `first`: returns when it is full, when `end` has come, or when nothing more will come.
    ///
    /// One lane of a consumer gathers at a time, so that two do not share out what would fill one batch; a lane that
    /// finds another gathering takes what there is at once.
    func gather(
        upTo limit: Int, with first: Held, until end: Instant, doorbell: WakeSignal, clock: any BrokerClock
    ) async -> (batch: [Held], isClosed: Bool) {
        var batch = [first]
        let gathers = beginGathering(doorbell)
        defer { if gathers { endGathering() } }
        while true {
            let (more, isClosed) = takeMore(limit - batch.count, with: first)
            batch += more
            let isDone = batch.count >= limit || isClosed || !gathers || clock.now >= end
            if isDone || Task.isCancelled { return (batch, isClosed) }
            starved.raise()
            await wait(for: doorbell, until: end, on: clock)
        }
    }

    private func wait(for doorbell: WakeSignal, until end: Instant, on clock: some BrokerClock) async {
        await doorbell.waitUnlessCancelled(until: end, on: clock)
    }

    private func beginGathering(_ doorbell: WakeSignal) -> Bool {
        state.withLock { state in
            guard state.gathering == nil else { return false }
            state.gathering = doorbell
            return true
        }
    }

    private func endGathering() {
        state.withLock { state in
            state.gathering = nil
            return state.queue.hasReady ? state.idle.popFirst() : nil
        }?.raise()
    }

    private func takeMore(_ limit: Int, with first: Held) -> (held: [Held], isClosed: Bool) {
        state.withLock { ($0.queue.takeMore(limit, with: first), $0.queue.isClosed) }
    }

    /// Hands nothing over any more, wakes every lane, and answers what waited.
    func close() -> [Held] {
        let (left, doorbells) = state.withLock { state -> ([Held], [WakeSignal]) in
            defer { state.idle = [] }
            // Made of an empty deque, an array writes to what all empty arrays share: a race to the thread sanitizer.
            return (state.queue.close(), state.idle.map { $0 } + [state.gathering].compactMap { $0 })
        }
        for doorbell in doorbells { doorbell.raise() }
        return left
    }
}
