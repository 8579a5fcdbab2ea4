// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import HeapModule
import Synchronization

/// A clock that stands still until a test moves it.
///
/// Moving it raises the signals that were scheduled, in the order of their instants; equal instants keep the order in
/// which they were scheduled. Both kinds of time start at fixed values, so that two runs of a test see the same ids.
public final class ManualClock: BrokerClock {
    private struct Wake: Comparable {
        var instant: Instant
        var number: UInt64

        static func < (left: Wake, right: Wake) -> Bool {
            left.instant == right.instant ? left.number < right.number : left.instant < right.instant
        }
    }

    private struct State {
        var now: Instant
        var wallClock: Timestamp
        var issued: UInt64 = 0
        var signals: [UInt64: WakeSignal] = [:]
        /// May hold wakes that were cancelled; `signals` says which are still wanted.
        var order = Heap<Wake>()

        mutating func next() -> Wake? {
            while let wake = order.min {
                if signals[wake.number] != nil { return wake }
                order.removeMin()
            }
            return nil
        }

        mutating func take(upTo target: Instant) -> WakeSignal? {
            guard let wake = next(), wake.instant <= target else { return nil }
            order.removeMin()
            now = max(now, wake.instant)
            return signals.removeValue(forKey: wake.number)
        }
    }

    private let origin: Instant
    private let state: Mutex<State>

    /// Makes a clock that stands at `now` and shows `timestamp`; by default an arbitrary fixed time.
    public init(
        now: Instant = Instant(nanoseconds: 1_000_000_000_000),
        timestamp: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)
    ) {
        origin = now
        state = Mutex(State(now: now, wallClock: timestamp))
    }

    /// The monotonic time that the clock stands at.
    public var now: Instant { state.withLock { $0.now } }

    /// The wall-clock time: what was given at the beginning, moved along with ``now``, in whole milliseconds.
    public var timestamp: Timestamp {
        state.withLock { state in
            let passed = (state.now - origin).nanosecondsSaturating / 1_000_000
            return Timestamp(milliseconds: state.wallClock.milliseconds.addingSaturating(passed))
        }
    }

    /// How many wakes are scheduled and have neither happened nor been cancelled.
    public var pendingWakes: Int { state.withLock { $0.signals.count } }

    /// When the next scheduled wake is due; `nil` when none is scheduled.
    public var nextWake: Instant? { state.withLock { $0.next()?.instant } }

    /// Raises `signal` once the clock is moved to `instant` or behind it; at once when it stands there already.
    public func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake {
        let (number, isDue) = state.withLock { state -> (UInt64, Bool) in
            state.issued += 1
            let isDue = instant <= state.now
            if !isDue, instant != .distantFuture {
                state.signals[state.issued] = signal
                state.order.insert(Wake(instant: instant, number: state.issued))
            }
            return (state.issued, isDue)
        }
        if isDue { signal.raise() }
        return ScheduledWake(number: number)
    }

    /// Forgets a wake; does nothing when it has happened.
    public func cancel(_ wake: ScheduledWake) {
        state.withLock { _ = $0.signals.removeValue(forKey: wake.number) }
    }

    /// Moves the clock forward, raising what is due on the way; a negative duration moves nothing.
    public func advance(by duration: Duration) {
        advance(to: now + duration)
    }

    /// Moves the clock forward to `target`, raising what is due on the way; an earlier instant moves nothing.
    ///
    /// While a signal is raised the clock shows the instant for which it was scheduled.
    public func advance(to target: Instant) {
        while let signal = state.withLock({ $0.take(upTo: target) }) {
            signal.raise()
        }
        state.withLock { $0.now = max($0.now, target) }
    }

    /// Sets the wall clock forward or, with a negative duration, back, as an administrator might; ``now`` stays.
    public func shiftWallClock(by duration: Duration) {
        state.withLock { state in
            let shift = duration.nanosecondsSaturating / 1_000_000
            state.wallClock.milliseconds = state.wallClock.milliseconds.addingSaturating(shift)
        }
    }
}
