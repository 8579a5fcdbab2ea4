// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The memberships of a subscription, by position and by stream.
///
/// What each poll needs to know about all of them is cached until the next change: with thousands of streams a walk
/// over the table would cost more than the read.
package struct MembershipTable: Sendable {
    /// The earliest instants at which any membership needs something.
    private struct Times {
        var nextSweep = Instant.distantFuture
        var nextRetry = Instant.distantFuture
        var nextRejoin = Instant.distantFuture
        var hasPassedSuspects = false
    }

    private var memberships: [Membership] = []
    private var positions: [StreamName: Int] = [:]
    private var times: Times? = Times()

    /// Makes a table of memberships in different streams.
    package init(_ memberships: [Membership] = []) {
        for membership in memberships { add(membership) }
    }

    /// The position of the membership in a stream.
    package func position(of stream: StreamName) -> Int? { positions[stream] }

    /// Adds a membership in a stream that has none.
    package mutating func add(_ membership: Membership) {
        positions[membership.stream] = memberships.count
        memberships.append(membership)
        times = nil
    }

    /// Removes the memberships in these streams; the others move up.
    package mutating func remove(_ streams: Set<StreamName>) {
        memberships.removeAll { streams.contains($0.stream) }
        positions = Dictionary(uniqueKeysWithValues: memberships.indices.map { (memberships[$0].stream, $0) })
        times = nil
    }

    /// The positions of the memberships that can be read and fulfil a condition, in order.
    func readable(at now: Instant, where condition: (Int) -> Bool) -> [Int] {
        // In place: a copy of each membership would cost more than the question.
        memberships.indices.filter { condition($0) && memberships[$0].isReadable(at: now) }
    }

    /// When the next sweep or the next rejoin is due.
    package mutating func nextTime() -> Instant {
        let times = knownTimes()
        return Swift.min(times.nextSweep, times.nextRejoin)
    }

    /// When the next retry is due, as far as is known.
    package mutating func nextRetry() -> Instant { knownTimes().nextRetry }

    /// Whether a lost group may be made again.
    package mutating func isRejoinDue(at now: Instant) -> Bool { knownTimes().nextRejoin <= now }

    /// Whether any stream is to be swept now.
    package mutating func isSweepDue(at now: Instant, suspects: Int) -> Bool {
        let times = knownTimes()
        return times.nextSweep <= now || (times.hasPassedSuspects && suspects > 0)
    }

    private mutating func knownTimes() -> Times {
        if let times { return times }
        let found = memberships.reduce(into: Times()) { times, membership in
            if membership.isLost { return times.nextRejoin = Swift.min(times.nextRejoin, membership.restsUntil) }
            times.nextSweep = Swift.min(times.nextSweep, Swift.max(membership.sweep.nextTime, membership.restsUntil))
            times.nextRetry = Swift.min(times.nextRetry, Swift.max(membership.sweep.nextRetry, membership.restsUntil))
            if membership.sweep.hasPassedSuspects { times.hasPassedSuspects = true }
        }
        times = found
        return found
    }
}

extension MembershipTable: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { memberships.count }

    package subscript(position: Int) -> Membership {
        get { memberships[position] }
        set {
            memberships[position] = newValue
            times = nil
        }
    }
}
