// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The times before which no lease of a group runs out, so that looking for expired leases is mostly no work.
///
/// Bounds from below: a lease that was extended or settled meanwhile leaves them too low, which costs a look in vain.
struct LeaseExpiries: Sendable {
    /// Of leases that make no suspect, in nanoseconds of the monotonic clock.
    var ordinary = Int64.max
    /// Of leases that make a suspect, in nanoseconds of the monotonic clock.
    var suspect = Int64.max

    /// The time before which a consumer that may have suspects, or not, finds nothing.
    func earliest(suspects: Bool) -> Int64 {
        suspects ? min(ordinary, suspect) : ordinary
    }

    /// Lowers the bounds for a lease that was just made, extended or seen.
    mutating func note(_ entry: PendingEntry) {
        if entry.makesSuspect {
            suspect = min(suspect, entry.expiry())
        } else {
            ordinary = min(ordinary, entry.expiry())
        }
    }
}
