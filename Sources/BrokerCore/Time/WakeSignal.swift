// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A signal for one waiting task: raised any number of times, it wakes the waiter once.
///
/// A raise before the wait ends the next wait at once, so no wake is lost. A waiter checks its state again after each
/// wake, so an extra wake does no harm. It is a mutex and a continuation, not a stream: nothing is allocated while no
/// task waits, and raising never suspends.
public final class WakeSignal: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Makes a signal that is not raised.
    public init() {}

    /// Wakes the waiting task, or lets the next wait end at once. Any thread may call it, any number of times.
    public func raise() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.isRaised = true
                return nil
            }
            state.waiter = nil
            return waiter
        }?.resume()
    }

    /// Waits until the signal is raised. Cancellation does not end the wait.
    ///
    /// One task waits at a time. A second one replaces the first, which is woken.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let (resumed, replaced) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
                if state.isRaised {
                    state.isRaised = false
                    return (true, nil)
                }
                let previous = state.waiter
                state.waiter = continuation
                return (false, previous)
            }
            replaced?.resume()
            if resumed { continuation.resume() }
        }
    }

    /// Waits until the signal is raised or the task is cancelled.
    public func waitUnlessCancelled() async {
        await withTaskCancellationHandler {
            await wait()
        } onCancel: {
            raise()
        }
    }

    /// Waits until the signal is raised or `instant` has come. Cancellation does not end the wait.
    public func wait(until instant: Instant, on clock: some BrokerClock) async {
        let wake = clock.schedule(self, at: instant)
        await wait()
        clock.cancel(wake)
    }

    /// Waits until the signal is raised, `instant` has come, or the task is cancelled.
    public func waitUnlessCancelled(until instant: Instant, on clock: some BrokerClock) async {
        let wake = clock.schedule(self, at: instant)
        await waitUnlessCancelled()
        clock.cancel(wake)
    }
}
