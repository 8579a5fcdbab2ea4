// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The seat of a consumer in one stream: where that lies, which life of the group it is, and when it is swept.
package struct StreamSeat: Sendable {
    /// The stream.
    package let stream: StreamName
    /// The stream's key.
    package let key: String
    /// The key of the group's floor and epoch.
    package let floor: String
    /// The key of what waits for a retry.
    package let due: String
    /// The key of the group's sweep guard.
    package let sweepGuard: String
    /// The life of the group that receipts speak of.
    package var epoch: UInt64
    /// When the stream is swept.
    package var sweep = SweepState()
    /// Whether the group has to be made again before anything is read.
    package var isLost = false
    /// Until then the stream is left alone, since under its key was no stream.
    package var restsUntil = Instant.distantPast

    package init(_ stream: StreamName, group: GroupName, keys: RedisKeys, epoch: UInt64) {
        self.stream = stream
        self.epoch = epoch
        key = keys.key(of: stream)
        floor = keys.floor(group, of: stream)
        due = keys.due(group, of: stream)
        sweepGuard = keys.sweep(group, of: stream)
    }

    /// Whether it can be read and swept now.
    package func isReadable(at now: Instant) -> Bool { !isLost && now >= restsUntil }
}
