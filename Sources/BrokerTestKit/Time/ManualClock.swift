// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerEngine
import Synchronization

/// A clock that stands still until a test moves it.
///
/// Moving it raises the scheduled signals in the order of their instants, and equal instants in the order of
/// scheduling. Both kinds of time start at fixed values, so that every run of a test sees the same ids.
public final class ManualClock: BrokerClock {
    fileprivate struct State {
        var now: Instant
        var wallClock: Timestamp
        var wakes = TimerHeap()
        /// The signal of the task that waits for scheduled wakes.
        var watcher: (count: Int, signal: WakeSignal)?
    }

    private let origin: Instant
    private let state: Mutex<State>

    /// Makes a clock that stands at `now` and shows `timestamp`. Both have fixed defaults.
    public init(
        now: Instant = Instant(nanoseconds: 1_000_000_000_000),
        timestamp: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)
    ) {
        origin = now
        state = Mutex(State(now: now, wallClock: timestamp))
    }

    /// The monotonic time.
    public var now: Instant { state.withLock { $0.now } }

    /// The wall-clock time in whole milliseconds. It moves along with ``now``.
    public var timestamp: Timestamp {
        state.withLock { state in
            let passed = (state.now - origin).nanosecondsSaturating / 1_000_000
            return Timestamp(milliseconds: state.wallClock.milliseconds.addingSaturating(passed))
        }
    }

    /// How many wakes are scheduled and have neither happened nor been cancelled.
    public var pendingWakes: Int { state.withLock { $0.wakes.count } }

    /// When the next scheduled wake is due; `nil` if none is scheduled.
    public var nextWake: Instant? { state.withLock { $0.wakes.next } }

    /// Raises `signal` when the clock is moved to `instant` or past it; at once if it has come already.
    public func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake {
        HandlerWatch.current?.wait(until: instant)
        let (wake, raised) = state.withLock { state -> (ScheduledWake, WakeSignal?) in
            guard instant > state.now else { return (ScheduledWake(number: 0), signal) }
            guard instant < .distantFuture else { return (ScheduledWake(number: 0), nil) }
            let wake = state.wakes.schedule(signal, at: instant)
            return (wake, state.watched())
        }
        raised?.raise()
        return wake
    }

    /// Cancels a wake. Does nothing if it has happened.
    public func cancel(_ wake: ScheduledWake) {
        state.withLock { $0.wakes.cancel(wake) }
    }

    /// Waits until `count` wakes are scheduled, which means that `count` tasks sleep. One task waits at a time.
    public func waitForWakes(_ count: Int = 1) async {
        let signal = WakeSignal()
        let isThere = state.withLock { state in
            state.watcher = (count, signal)
            return state.watched() != nil
        }
        if !isThere { await signal.wait() }
    }

    /// Moves the clock forward and raises the signals that become due. A negative duration changes nothing.
    public func advance(by duration: Duration) {
        advance(to: now + duration)
    }

    /// Moves the clock forward to `target` and raises the signals that become due. An earlier instant changes nothing.
    ///
    /// While a signal is raised, the clock shows the instant for which it was scheduled.
    public func advance(to target: Instant) {
        while let signal = state.withLock({ $0.take(upTo: target) }) { signal.raise() }
        state.withLock { $0.now = max($0.now, target) }
    }

    /// Sets the wall clock forward or, with a negative duration, back, as an operator might. ``now`` does not change.
    public func shiftWallClock(by duration: Duration) {
        state.withLock { state in
            let shift = duration.nanosecondsSaturating / 1_000_000
            state.wallClock.milliseconds = state.wallClock.milliseconds.addingSaturating(shift)
        }
    }
}

extension BrokerClock {
    /// Waits until `instant` has come; cancellation does not end the wait. For handlers that ignore it.
    package func sleepThroughCancellation(until instant: Instant) async {
        let signal = WakeSignal()
        while now < instant {
            await signal.wait(until: instant, on: self)
        }
    }
}

extension ManualClock.State {
    /// Moves to the next wake that is due by `target`.
    fileprivate mutating func take(upTo target: Instant) -> WakeSignal? {
        guard let wake = wakes.takeFirst(upTo: target) else { return nil }
        now = max(now, wake.instant)
        return wake.signal
    }

    /// Returns the signal to raise if enough wakes are scheduled, once.
    fileprivate mutating func watched() -> WakeSignal? {
        guard let watcher, wakes.count >= watcher.count else { return nil }
        self.watcher = nil
        return watcher.signal
    }
}
