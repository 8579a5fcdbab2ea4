// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Where one stream and what belongs to a group of it lie on the server; the copies of a membership share it.
package final class GroupKeys: Sendable {
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

    package init(_ stream: StreamName, group: GroupName, keys: RedisKeys) {
        self.stream = stream
        key = keys.key(of: stream)
        floor = keys.floor(group, of: stream)
        due = keys.due(group, of: stream)
        sweepGuard = keys.sweep(group, of: stream)
    }
}
