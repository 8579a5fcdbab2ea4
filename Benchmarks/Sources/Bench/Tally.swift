// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import StreamBroker
import Synchronization

/// The observer of every benchmark: counts what is settled and says when that is enough.
final class Tally: BrokerObserver {
    private let settled = Atomic<Int>(0)
    private let span = Mutex<(first: ContinuousClock.Instant, last: ContinuousClock.Instant)?>(nil)
    private let target: Int
    /// Raised when as many are settled as were expected.
    let reached = WakeSignal()

    init(target: Int) {
        self.target = target
    }

    func observe(_ event: BrokerEvent) {
        guard case .settled(let event) = event else { return }
        let (before, now) = settled.add(event.entries.count, ordering: .relaxed)
        if before == 0 || now >= target { note(ContinuousClock.now) }
        if before < target, now >= target { reached.raise() }
    }

    /// The time from the first to the last settlement.
    var duration: Duration { span.withLock { $0.map { $0.last - $0.first } ?? .zero } }

    private func note(_ now: ContinuousClock.Instant) {
        span.withLock { $0 = ($0?.first ?? now, now) }
    }
}
