// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The time of one call, read once: what the log knows of clocks.
package struct MemoryTime: Sendable {
    /// The monotonic time, for leases and delays.
    package var now: Instant
    /// The wall-clock time, for ids, ages and texts.
    package var timestamp: Timestamp

    /// Makes a time of its two readings.
    package init(now: Instant, timestamp: Timestamp) {
        self.now = now
        self.timestamp = timestamp
    }

    /// Reads both times of a clock.
    package init(of clock: any BrokerClock) {
        self.init(now: clock.now, timestamp: clock.timestamp)
    }
}
