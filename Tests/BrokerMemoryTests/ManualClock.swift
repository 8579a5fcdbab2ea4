// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// A clock that stands until it is moved.
final class ManualClock: BrokerClock {
    private struct State {
        var now = Instant(nanoseconds: 0)
        var wakes: [UInt64: (signal: WakeSignal, at: Instant)] = [:]
        var last: UInt64 = 0
        var scheduled = WakeSignal()
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock(\.now) }
    var timestamp: Timestamp { Timestamp(milliseconds: 1_700_000_000_000) + (now - Instant(nanoseconds: 0)) }

    func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake {
        let (number, isDue, scheduled) = state.withLock { state in
            state.last += 1
            let isDue = instant <= state.now
            if !isDue { state.wakes[state.last] = (signal, instant) }
            return (state.last, isDue, state.scheduled)
        }
        if isDue { signal.raise() }
        scheduled.raise()
        return ScheduledWake(number: number)
    }

    func cancel(_ wake: ScheduledWake) {
        state.withLock { $0.wakes[wake.number] = nil }
    }

    /// Moves the time and wakes who waited for it.
    func advance(_ duration: Duration) {
        let due = state.withLock { state in
            let now = state.now + duration
            state.now = now
            let due = state.wakes.filter { $0.value.at <= now }
            for number in due.keys { state.wakes[number] = nil }
            return due.values.map(\.signal)
        }
        for signal in due { signal.raise() }
    }

    /// Waits until that many calls sleep.
    func waitForSleepers(_ count: Int) async {
        while state.withLock({ $0.wakes.count }) < count {
            await state.withLock(\.scheduled).wait()
        }
    }
}
