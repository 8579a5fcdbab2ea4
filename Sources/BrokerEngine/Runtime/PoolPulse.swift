// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// When a task of Swift's pool has last had a thread.
///
/// The lease keeper and the stations of some providers have threads of their own and would go on for ever while handlers
/// block all others. So they ask, and a task that does nothing else notes the time as soon as it runs.
final class PoolPulse: Sendable {
    private let seen: Mutex<Instant>
    private let isOver = Atomic<Bool>(false)
    private let askSignal = WakeSignal()
    private let responseSignal = WakeSignal()

    init(now: Instant) {
        seen = Mutex(now)
    }

    /// When the task last ran.
    var lastSeen: Instant { seen.withLock { $0 } }

    func ask() {
        askSignal.raise()
    }

    /// Asks, and waits until the task has run or the caller is cancelled. For one caller at a time.
    func response(on clock: some BrokerClock) async {
        let asked = clock.now
        ask()
        while lastSeen < asked, !Task.isCancelled, !isOver.load(ordering: .relaxed) {
            await responseSignal.waitUnlessCancelled()
        }
    }

    /// Returns until it is over.
    func run(on clock: some BrokerClock) async {
        while !isOver.load(ordering: .relaxed) {
            await askSignal.wait()
            let now = clock.now
            seen.withLock { $0 = now }
            responseSignal.raise()
        }
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        askSignal.raise()
        responseSignal.raise()
    }
}
