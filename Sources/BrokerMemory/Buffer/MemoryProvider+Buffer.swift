// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// A provider in memory as the buffer of what comes in from elsewhere.
///
/// It keeps what its groups have still to settle, and no more than its bounds allow.
extension MemoryProvider {
    /// Takes messages that have come in; returns whether one of them found no room. Never waits; a closed provider
    /// keeps nothing.
    package func take(_ arrivals: [PublishBatch.Entry]) -> Bool {
        let time = MemoryTime(of: clock)
        return (try? access { $0.log.take(arrivals, at: time) }) ?? false
    }

    /// What is kept and what was lost; empty once it is closed.
    package var bufferReport: BufferReport {
        (try? access { $0.log.bufferReport }) ?? BufferReport()
    }

    /// Whether at least half of the room is free.
    package var isHalfFree: Bool {
        (try? access { $0.log.isHalfFree }) ?? true
    }

    /// Lets groups go that have had no consumer since the last call.
    package func dropAbandonedGroups() throws(BrokerError) {
        try access { $0.log.dropAbandonedGroups() }
    }
}
