// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// How fast a group is made again that is lost again and again: at once, then slower and slower.
package struct RejoinBackoff: Sendable {
    private static let shortest = Duration.milliseconds(100)
    private static let longest = Duration.seconds(1)
    private static let memory = Duration.seconds(5)

    private var last = Instant.distantPast
    private var pause = Duration.zero

    package init() {}

    /// A group was lost; returns when it may be made again.
    package mutating func lost(at now: Instant) -> Instant {
        pause = now - last > Self.memory ? .zero : min(Self.longest, max(Self.shortest, pause * 2))
        last = now + pause
        return last
    }
}
