// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Decides how many messages are leased at a time, so that their bodies arrive long before their leases run out.
///
/// A lease runs from the moment when the server grants it. Nobody extends it before the message has arrived. Neither
/// the speed of the connection nor the size of the bodies is known, so the sizer begins with few messages and doubles
/// the number as long as they arrive quickly. If several streams share the room evenly, up to half of it may stay
/// empty.
package struct BatchSizer: Sendable {
    /// The first limit.
    package static let first = 16
    /// The total size of bodies that may be on their way at a time, estimated from the last batch.
    package static let bytes = 64 << 20

    /// How many messages must arrive below a ceiling before a higher one is tried.
    package static let trial = 1000

    /// How many messages may be leased at a time.
    package private(set) var limit = Self.first
    /// What the limit may not exceed for now: more were too much for the server's output buffer.
    private var ceiling = Int.max
    /// How many messages have arrived since the ceiling was set.
    private var arrived = 0
    /// Whether the last reply was lost.
    private var hasLostReply = false
    private let timeLimit: Duration

    /// Bodies may take a sixth of the visibility to arrive.
    package init(visibility: Duration) {
        timeLimit = visibility / 6
    }

    /// Adjusts the limit to a batch that has arrived.
    ///
    /// - Parameters:
    ///   - count: How many messages came.
    ///   - bytes: The total size of their bodies.
    ///   - time: How long the call took; `nil` if that says nothing because the call waited for messages.
    package mutating func took(_ count: Int, bytes: Int, in time: Duration?) {
        hasLostReply = false
        guard count > 0 else { return }
        arrive(count)
        if let time, time > timeLimit {
            limit = max(1, Int(Double(count) * (timeLimit / time)))
        } else if time != nil, count > limit / 2 {
            limit = min(limit * 2, 1 << 20)
        }
        limit = min(limit, ceiling, max(1, Self.bytes / max(1, bytes / count)))
    }

    /// Halves the limit after a reply that was lost with its connection or could not be read. One loss may have any
    /// cause. A second loss in a row means that the reply was too large, and sets a ceiling.
    package mutating func shrink() {
        limit = max(1, limit / 2)
        if hasLostReply { (ceiling, arrived) = (limit, 0) }
        hasLostReply = true
    }

    private mutating func arrive(_ count: Int) {
        guard ceiling < .max else { return }
        arrived += count
        if arrived >= Self.trial { (ceiling, arrived) = (ceiling * 2, 0) }
    }
}
