// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The seat of a consumer in one stream: where that lies, which life of the group it is, and when it is swept.
struct StreamSeat: Sendable {
    /// The stream.
    let stream: StreamName
    /// The stream's key.
    let key: String
    /// The key of the group's floor and epoch.
    let floor: String
    /// The key of what waits for a retry.
    let due: String
    /// The key of the group's sweep guard.
    let sweepGuard: String
    /// The life of the group that receipts speak of.
    var epoch: UInt64
    /// When the stream is swept.
    var sweep = SweepState()
    /// Whether the group has to be made again before anything is read.
    var isLost = false
    /// Until then the stream is left alone, since under its key was no stream.
    var restsUntil = Instant.distantPast

    init(_ stream: StreamName, group: GroupName, keys: RedisKeys, epoch: UInt64) {
        self.stream = stream
        self.epoch = epoch
        key = keys.key(of: stream)
        floor = keys.floor(group, of: stream)
        due = keys.due(group, of: stream)
        sweepGuard = keys.sweep(group, of: stream)
    }

    /// Whether it can be read and swept now.
    func isReadable(at now: Instant) -> Bool { !isLost && now >= restsUntil }
}
