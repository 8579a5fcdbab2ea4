// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Which streams are swept together, and how much each may lease. Together they stay within the limits.
package struct SweepPlan: Sendable {
    /// The sweep of one stream.
    package struct Call: Sendable, Hashable {
        /// The position of its membership.
        package var membership: Int
        /// How much it may lease.
        package var limits: SweepLimits

        package init(membership: Int, limits: SweepLimits) {
            self.membership = membership
            self.limits = limits
        }
    }

    /// The sweeps.
    package let calls: [Call]

    /// Plans the next sweeps, of streams that are due and were not swept yet in this call of `receive`.
    ///
    /// - Parameter first: The position at which to begin, so that no stream is always the last.
    package init(
        _ memberships: MembershipTable, _ limits: SweepLimits, without swept: Set<Int>, first: Int, at now: Instant
    ) {
        var due: [Int] = []
        for turn in memberships.indices {
            let position = (first + turn) % memberships.count
            if !swept.contains(position), Self.isDue(memberships[position], limits, at: now) { due.append(position) }
        }
        if limits.suspects > 0, let passed = due.firstIndex(where: { memberships[$0].sweep.hasPassedSuspects }) {
            due.swapAt(0, passed)
        }
        let count = min(due.count, max(limits.expired, limits.due))
        calls = (0..<count).map { Call(membership: due[$0], limits: limits.part($0, of: count)) }
    }

    private static func isDue(_ membership: Membership, _ limits: SweepLimits, at now: Instant) -> Bool {
        guard membership.isReadable(at: now) else { return false }
        if limits.expired > 0, membership.sweep.isExpiryCheckDue(at: now, suspects: limits.suspects) { return true }
        return limits.due > 0 && membership.sweep.isDue(at: now, suspects: limits.suspects)
    }
}

/// How much a sweep may lease.
package struct SweepLimits: Sendable, Hashable {
    /// How many entries whose lease has run out.
    package var expired: Int
    /// How many entries whose retry is due.
    package var due: Int
    /// How many suspects among the expired ones.
    package var suspects: Int

    package init(expired: Int, due: Int, suspects: Int) {
        self.expired = expired
        self.due = due
        self.suspects = suspects
    }

    /// The part of one of several streams. The first streams get the remainder, and the first one gets the suspects.
    package func part(_ index: Int, of count: Int) -> SweepLimits {
        SweepLimits(
            expired: expired / count + (index < expired % count ? 1 : 0),
            due: due / count + (index < due % count ? 1 : 0), suspects: index == 0 ? suspects : 0)
    }

    /// Lowers the limits by what a sweep has leased.
    mutating func subtract(_ reply: SweepReply) {
        expired -= reply.expired.count
        due -= reply.due.count
        if reply.expired.contains(where: { FencingToken.attempt(of: $0.token) > 2 }) { suspects = 0 }
    }

    /// Whether nothing may be leased.
    package var isEmpty: Bool { expired == 0 && due == 0 }
}
