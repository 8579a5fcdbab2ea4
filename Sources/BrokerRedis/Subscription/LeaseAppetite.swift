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
package struct LeaseAppetite: Sendable {
    /// With how many it begins.
    package static let first = 16
    /// How many bytes of bodies may be under way at a time, as far as those before tell.
    package static let bytes = 64 << 20

    /// How many messages may be leased at a time.
    package private(set) var limit = Self.first
    private let patience: Duration

    /// A sixth of the visibility is what the bodies may take to arrive.
    package init(visibility: Duration) {
        patience = visibility / 6
    }

    /// So many messages have come, with bodies of so many bytes.
    ///
    /// - Parameter time: How long they were asked for; `nil` when that says nothing, since they were waited for.
    package mutating func took(_ count: Int, bytes: Int, in time: Duration?) {
        guard count > 0 else { return }
        if let time, time > patience {
            limit = max(1, Int(Double(count) * (patience / time)))
        } else if time != nil, count > limit / 2 {
            limit = min(limit * 2, 1 << 20)
        }
        limit = min(limit, max(1, Self.bytes / max(1, bytes / count)))
    }

    /// An answer could not be taken; a smaller one may.
    package mutating func choked() {
        limit = max(1, limit / 2)
    }
}
