// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// The hand-over between the fetch loop and the lanes of one consumer.
///
/// Lanes take one message at a time, so whatever a lane has not begun stays takable by an idle one. A push wakes one
/// idle lane, and a lane that takes while more is ready wakes the next: a burst of quick messages does not pay for
/// waking everybody.
final class LaneQueues: Sendable {
    private struct State {
        var queue: LaneQueue
        /// Lanes that wait to be woken.
        var idle = IdleLanes()
        /// How many lanes have found nothing to do: those that are idle, and those that were woken and look again.
        var unoccupied = 0
        var batchSignal: WakeSignal?
        private var wasShort = false

        init(queue: LaneQueue) { self.queue = queue }

        var supply: LaneSupply {
            let wanting = unoccupied + (batchSignal == nil ? 0 : 1)
            return LaneSupply(isStarving: wanting > queue.readyCount, backlog: queue.backlog)
        }

        /// Whether any room is worth a read now, and was not before the last change.
        mutating func hasBecomeShort() -> Bool {
            let isShort = (unoccupied > 0 || batchSignal != nil) && supply.isShort
            defer { wasShort = isShort }
            return isShort && !wasShort
        }
    }

    private enum Next {
        case taken(Held)
        case closed
        /// The lane waits, under that number.
        case nothing(wait: UInt64)
    }

    /// The signals that a change raises once the lock is released.
    private struct Wakes {
        var laneSignal: WakeSignal?
        var batchSignal: WakeSignal?
        var isShort = false
    }

    private let state: Mutex<State>
    let isOrdered: Bool
    /// Raised when lanes have become short of messages, so that any room is worth a read.
    private let shortSignal: WakeSignal

    init(ordering: Ordering, backlog: BacklogLimits, shortSignal: WakeSignal) {
        state = Mutex(State(queue: LaneQueue(ordering: ordering, backlog: backlog)))
        isOrdered = ordering != .none
        self.shortSignal = shortSignal
    }

    /// What the lanes have, and what they are short of.
    var supply: LaneSupply { state.withLock { $0.supply } }

    /// Takes in what was fetched; what has to wait behind its key is copied out of what it came with.
    func push(_ messages: [Held]) {
        for held in change({ $0.push(messages) }) { held.detach() }
    }

    /// A lane is done with a message; with an order, the next of its key may go.
    func finish(_ slot: Slot) {
        if isOrdered { change { $0.finish(slot) } }
    }

    /// Keeps a message in its lane until ``resume(_:)``; the room that it had may be what a lane is short of.
    func keepInPlace(_ held: Held) {
        held.detach()
        change { $0.keepInPlace(held) }
        if supply.isShort { shortSignal.raise() }
    }

    /// Lets a message go on that was kept in its lane.
    func resume(_ slot: Slot) {
        change { $0.resume(slot) }
    }

    private func change<Result: Sendable>(_ body: (inout LaneQueue) -> Result) -> Result {
        let (result, wakes) = state.withLock { state in
            let result = body(&state.queue)
            let lane = state.queue.hasReady ? state.idle.popFirst() : nil
            return (result, Wakes(laneSignal: lane, batchSignal: state.batchSignal, isShort: state.hasBecomeShort()))
        }
        raise(wakes)
        return result
    }

    private func raise(_ wakes: Wakes) {
        wakes.laneSignal?.raise()
        wakes.batchSignal?.raise()
        if wakes.isShort { shortSignal.raise() }
    }

    /// Waits until there may be a message, without taking it; returns the number of the wait, for ``next(_:after:)``, or
    /// `nil` when it did not wait.
    func waitForMore(_ laneSignal: WakeSignal) async -> UInt64? {
        let (wait, wakes) = state.withLock { state -> (UInt64?, Wakes) in
            if state.queue.isClosed || state.queue.hasReady && !leavesToGatherer(state) { return (nil, Wakes()) }
            let wait = state.idle.append(laneSignal)
            state.unoccupied += 1
            return (wait, Wakes(isShort: state.hasBecomeShort()))
        }
        raise(wakes)
        if wait != nil { await laneSignal.wait() }
        return wait
    }

    /// Waits for a message; `nil` when nothing will come any more.
    ///
    /// - Parameter wait: The number of a wait that is over.
    func next(_ laneSignal: WakeSignal, after wait: UInt64? = nil) async -> Held? {
        var wait = wait
        while true {
            let (result, wakes) = takeOrQueue(laneSignal, after: wait)
            raise(wakes)
            switch result {
            case .taken(let held): return held
            case .closed: return nil
            case .nothing(let number):
                wait = number
                await laneSignal.wait()
            }
        }
    }

    /// Takes, or queues for the next wake. A lane that an older signal woke leaves the queue first, so that no wake
    /// goes to a lane that is busy.
    private func takeOrQueue(_ laneSignal: WakeSignal, after wait: UInt64?) -> (Next, Wakes) {
        state.withLock { state in
            if let wait { state.idle.remove(wait) }
            if state.queue.isClosed { return (.closed, Wakes()) }
            if !leavesToGatherer(state), let held = state.queue.take() {
                if wait != nil { state.unoccupied -= 1 }
                let lane = state.queue.hasReady ? state.idle.popFirst() : nil
                return (.taken(held), Wakes(laneSignal: lane, isShort: state.hasBecomeShort()))
            }
            let next = state.idle.append(laneSignal)
            if wait == nil { state.unoccupied += 1 }
            return (.nothing(wait: next), Wakes(isShort: state.hasBecomeShort()))
        }
    }

    /// Whether what is ready belongs to the batch that another lane fills; with an order it has other keys.
    private func leavesToGatherer(_ state: borrowing State) -> Bool {
        !isOrdered && state.batchSignal != nil
    }

    /// Fills a batch that has `first`: returns when it is full, when `end` has come, or when nothing more will come.
    ///
    /// One lane of a consumer gathers at a time, so that two do not share out what would fill one batch; a lane that
    /// finds another collecting takes what there is at once.
    func gather(
        upTo limit: Int, with first: Held, until end: Instant, laneSignal: WakeSignal, clock: any BrokerClock
    ) async -> (batch: [Held], isClosed: Bool) {
        var batch = [first]
        let gathers = beginBatch(laneSignal)
        defer { if gathers { endBatch() } }
        while true {
            let (more, isClosed) = takeMore(limit - batch.count, with: first)
            batch += more
            let isDone = batch.count >= limit || isClosed || !gathers || clock.now >= end
            if isDone || Task.isCancelled { return (batch, isClosed) }
            await wait(for: laneSignal, until: end, on: clock)
        }
    }

    private func wait(for laneSignal: WakeSignal, until end: Instant, on clock: some BrokerClock) async {
        await laneSignal.waitUnlessCancelled(until: end, on: clock)
    }

    private func beginBatch(_ laneSignal: WakeSignal) -> Bool {
        state.withLock { state in
            guard state.batchSignal == nil else { return false }
            state.batchSignal = laneSignal
            return true
        }
    }

    private func endBatch() {
        raise(
            state.withLock { state in
                state.batchSignal = nil
                let lane = state.queue.hasReady ? state.idle.popFirst() : nil
                return Wakes(laneSignal: lane, isShort: state.hasBecomeShort())
            })
    }

    private func takeMore(_ limit: Int, with first: Held) -> (held: [Held], isClosed: Bool) {
        let (more, isClosed, wakes) = state.withLock { state in
            let more = state.queue.takeMore(limit, with: first)
            return (more, state.queue.isClosed, Wakes(isShort: state.hasBecomeShort()))
        }
        raise(wakes)
        return (more, isClosed)
    }

    /// Hands nothing over any more, wakes every lane, and returns what waited.
    func close() -> [Held] {
        let (left, laneSignals) = state.withLock { state -> ([Held], [WakeSignal]) in
            (state.queue.close(), state.idle.removeAll() + [state.batchSignal].compactMap { $0 })
        }
        for laneSignal in laneSignals { laneSignal.raise() }
        return left
    }
}
