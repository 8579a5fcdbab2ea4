// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Which streams are swept together, and how much each may lease: together never more than is asked for.
package struct SweepPlan: Sendable {
    /// The sweep of one stream.
    package struct Call: Sendable, Hashable {
        /// The position of its membership.
        package var membership: Int
        /// What it may lease.
        package var room: SweepLimits

        package init(membership: Int, room: SweepLimits) {
            self.membership = membership
            self.room = room
        }
    }

    /// The sweeps.
    package let calls: [Call]

    /// Plans the next sweeps of those streams that are due and were not swept in this call of `receive`.
    ///
    /// - Parameter first: the position at which to begin, so that no stream is always the last.
    package init(
        _ memberships: MembershipTable, _ room: SweepLimits, without swept: Set<Int>, first: Int, at now: Instant
    ) {
        var due: [Int] = []
        for turn in memberships.indices {
            let position = (first + turn) % memberships.count
            if !swept.contains(position), Self.isDue(memberships[position], room, at: now) { due.append(position) }
        }
        if room.suspects > 0, let passed = due.firstIndex(where: { memberships[$0].sweep.hasPassedSuspects }) {
            due.swapAt(0, passed)
        }
        let count = min(due.count, max(room.expired, room.due))
        calls = (0..<count).map { Call(membership: due[$0], room: room.part($0, of: count)) }
    }

    private static func isDue(_ membership: Membership, _ room: SweepLimits, at now: Instant) -> Bool {
        guard membership.isReadable(at: now) else { return false }
        if room.expired > 0, membership.sweep.isLookDue(at: now, suspects: room.suspects) { return true }
        return room.due > 0 && membership.sweep.isDue(at: now, suspects: room.suspects)
    }
}

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
