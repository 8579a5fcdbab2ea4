// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

extension SettleLoop {
    /// Takes leases again that somebody has taken away. Nothing is being settled meanwhile, so what is
    /// gone and was not settled here was taken by somebody else.
    func restore(_ backoff: inout CallBackoff, until overdue: () -> Instant) async {
        while true {
            let asked = clock.now
            let doubted = leases.withLock { $0.takeDoubts(now: asked) }
            if doubted.isEmpty { return }
            do throws(BrokerError) {
                let outcomes = try await subscription.restore(doubted.map(\.receipt))
                if backoff.succeed() { calls.recovered(.settle) }
                let result = leases.withLock { $0.restored(doubted, outcomes, asked: asked) }
                return losses.tell(result)
            } catch {
                leases.withLock { $0.keepDoubts() }
                await pause(after: error, &backoff, until: overdue)
                if overdue() <= clock.now { return }
            }
        }
    }
}
