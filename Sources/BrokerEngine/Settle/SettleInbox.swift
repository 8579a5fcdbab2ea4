// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Station 6 of 6, its inbox: lanes put decisions, one loop takes them.
final class SettleInbox: Sendable {
    private let queue = Mutex(SettleQueue())
    private let size = Atomic<Int>(0)
    let signal = WakeSignal()

    func put(_ decision: Decision) {
        let mustWake = queue.withLock { queue in
            defer { size.store(queue.count, ordering: .relaxed) }
            return queue.put(decision)
        }
        if mustWake { signal.raise() }
    }

    func deferRefused(_ decision: Decision, now: Instant) -> Bool {
        queue.withLock { $0.deferRefused(decision, now: now) }
    }

    var refusedCount: Int { queue.withLock { $0.refusedCount } }

    /// How many are to be sent now; read without the lock, so a moment old.
    var count: Int { size.load(ordering: .relaxed) }

    func finish(now: Instant) {
        queue.withLock { $0.finish(now: now) }
        signal.raise()
    }

    func take(now: Instant) -> (batch: [Decision], isFinishing: Bool, nextDue: Instant) {
        queue.withLock { queue in
            defer { size.store(queue.count, ordering: .relaxed) }
            return (queue.take(now: now), queue.isFinishing, queue.nextDue)
        }
    }
}
