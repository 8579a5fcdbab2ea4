// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// How many messages are leased at a time, as a pure value: so many that their bodies arrive long before their leases
/// run out, however slow the line and however large they are.
///
/// Leases run from the server's answer on, and nobody extends what has not arrived yet. As on any line of unknown
/// speed, it begins with few and takes twice as many as long as that goes quickly. Several streams that share the room
/// evenly leave up to half of it.
package struct BatchSizer: Sendable {
    /// With how many it begins.
    package static let first = 16
    /// How many bytes of bodies may be under way at a time, as far as those before tell.
    package static let bytes = 64 << 20

    /// As many messages have to arrive within a limit that was found by losing answers before a greater one is tried.
    package static let trial = 1000

    /// How many messages may be leased at a time.
    package private(set) var limit = Self.first
    /// What the limit does not pass for now: more were too many for the server's output buffer.
    private var ceiling = Int.max
    /// How many messages have arrived since the ceiling was set.
    private var arrived = 0
    /// Whether the last answer did not arrive.
    private var hasChoked = false
    private let patience: Duration

    /// A sixth of the visibility is what the bodies may take to arrive.
    package init(visibility: Duration) {
        patience = visibility / 6
    }

    /// So many messages have come, with bodies of so many bytes.
    ///
    /// - Parameter time: How long they were asked for; `nil` when that says nothing, since they were waited for.
    package mutating func took(_ count: Int, bytes: Int, in time: Duration?) {
        hasChoked = false
        guard count > 0 else { return }
        arrive(count)
        if let time, time > patience {
            limit = max(1, Int(Double(count) * (patience / time)))
        } else if time != nil, count > limit / 2 {
            limit = min(limit * 2, 1 << 20)
        }
        limit = min(limit, ceiling, max(1, Self.bytes / max(1, bytes / count)))
    }

    /// An answer could not be taken, or the connection was lost before it came; a smaller one may come. One loss may
    /// have any cause; a second one right behind it says that it is the size.
    package mutating func shrink() {
        limit = max(1, limit / 2)
        if hasChoked { (ceiling, arrived) = (limit, 0) }
        hasChoked = true
    }

    private mutating func arrive(_ count: Int) {
        guard ceiling < .max else { return }
        arrived += count
        if arrived >= Self.trial { (ceiling, arrived) = (ceiling * 2, 0) }
    }
}
