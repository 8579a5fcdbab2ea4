// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// The server's own time: it runs as the clients' does, and can be stepped away from it.
final class SteppedClock: BrokerClock {
    private struct State {
        var offset = Duration.zero
        var steps: [UInt64: WakeSignal] = [:]
    }

    private let base: any BrokerClock
    private let state = Mutex(State())

    init(_ base: any BrokerClock) {
        self.base = base
    }

    private var offset: Duration { state.withLock { $0.offset } }

    var now: Instant { base.now + offset }
    var timestamp: Timestamp { base.timestamp + offset }

    func schedule(_ signal: WakeSignal, at instant: Instant) -> ScheduledWake {
        guard instant < .distantFuture else { return ScheduledWake(number: 0) }
        let wake = base.schedule(signal, at: instant + (.zero - offset))
        if wake.number != 0 { state.withLock { $0.steps[wake.number] = signal } }
        return wake
    }

    func cancel(_ wake: ScheduledWake) {
        state.withLock { $0.steps[wake.number] = nil }
        base.cancel(wake)
    }

    /// Steps forward or, with a negative duration, back; who waits looks again.
    func step(by duration: Duration) {
        let signals = state.withLock { state in
            state.offset += duration
            return state.steps.sorted { $0.key < $1.key }.map(\.value)
        }
        for signal in signals { signal.raise() }
    }
}
