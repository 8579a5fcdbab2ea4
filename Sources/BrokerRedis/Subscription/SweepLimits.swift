// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// How much a sweep may lease.
package struct SweepLimits: Sendable, Hashable {
    /// At most so many whose lease has run out.
    package var expired: Int
    /// At most so many whose retry is due.
    package var due: Int
    /// At most so many suspects among the expired ones.
    package var suspects: Int

    package init(expired: Int, due: Int, suspects: Int) {
        self.expired = expired
        self.due = due
        self.suspects = suspects
    }

    /// The part of one of several streams; the first ones get what does not divide, and the first one the suspects.
    package func part(_ index: Int, of count: Int) -> SweepLimits {
        SweepLimits(
            expired: expired / count + (index < expired % count ? 1 : 0),
            due: due / count + (index < due % count ? 1 : 0), suspects: index == 0 ? suspects : 0)
    }

    /// What a sweep has leased leaves less room for the next one.
    mutating func take(_ answer: SweepReply) {
        expired -= answer.expired.count
        due -= answer.due.count
        if answer.expired.contains(where: { FencingToken.attempt(of: $0.token) > 2 }) { suspects = 0 }
    }

    /// Whether nothing may be leased.
    package var isEmpty: Bool { expired == 0 && due == 0 }
}
