// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Handlers that run for long.
extension LeaseTable {
    /// The delivery of each stream whose handler has been running longest.
    package var oldestRunning: [StreamName: Lease] {
        var oldest: [StreamName: Lease] = [:]
        for position in leases.indices where inUse[position] && leases[position].stage == .running {
            let stream = leases[position].receipt.stream
            if let known = oldest[stream], known.began <= leases[position].began { continue }
            oldest[stream] = leases[position]
        }
        return oldest
    }

    /// Tells of a handler that runs for long, and sees to it that the next time is not missed.
    mutating func checkDuration(_ position: Int, now: Instant, _ work: inout Work) {
        guard leases[position].stage == .running else { return }
        if leases[position].nextWarning(after: warnAfter) <= now {
            // A batch is one handler, whose deliveries have begun together.
            if work.slowRunners.insert(leases[position].runner).inserted {
                work.slow.append((leases[position], now - leases[position].began))
            }
            while leases[position].nextWarning(after: warnAfter) <= now, leases[position].warnings < 32 {
                leases[position].warnings += 1
            }
        }
        if leases[position].warnings > 0, leases[position].began < work.oldest?.began ?? .distantFuture {
            work.oldest = leases[position]
        }
        look(by: leases[position].nextWarning(after: warnAfter))
    }
}
