// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Synchronization

/// A lock that is held across `await`, first come, first served. It lets one call of `receive` read at a time.
package final class AsyncLock: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [WakeSignal] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Waits for the lock.
    ///
    /// - Returns: Whether the caller has the lock. `false` if `deadline` came first or the task was cancelled; then
    ///   there is nothing to give back.
    package func enter(until deadline: Instant, on clock: any BrokerClock) async -> Bool {
        let signal = WakeSignal()
        while !take(signal) {
            if clock.now >= deadline || Task.isCancelled {
                withdraw(signal)
                return false
            }
            await signal.waitUnlessCancelled(until: deadline, on: clock)
        }
        return true
    }

    /// Waits for the lock, even in a cancelled task.
    package func enter() async {
        let signal = WakeSignal()
        while !take(signal) { await signal.wait() }
    }

    /// Gives the lock back and wakes the next caller.
    package func leave() {
        state.withLock { state in
            state.isTaken = false
            return state.waiting.first
        }?.raise()
    }

    private func take(_ signal: WakeSignal) -> Bool {
        state.withLock { state in
            guard !state.isTaken else {
                if !state.waiting.contains(where: { $0 === signal }) { state.waiting.append(signal) }
                return false
            }
            state.isTaken = true
            state.waiting.removeAll { $0 === signal }
            return true
        }
    }

    /// Leaves the queue. If the caller had just been woken, the next one is woken in its place.
    private func withdraw(_ signal: WakeSignal) {
        state.withLock { state in
            state.waiting.removeAll { $0 === signal }
            return state.isTaken ? nil : state.waiting.first
        }?.raise()
    }
}
