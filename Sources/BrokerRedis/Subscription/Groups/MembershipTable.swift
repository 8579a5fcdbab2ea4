// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The memberships of a subscription, by position and by stream.
///
/// What is asked before each read is kept from one change to the next: with thousands of streams looking through all
/// of them would cost more than what is read.
package struct MembershipTable: Sendable {
    /// When which membership needs something.
    private struct Times {
        var nextSweep = Instant.distantFuture
        var nextRetry = Instant.distantFuture
        var nextRejoin = Instant.distantFuture
        var hasPassedSuspects = false
    }

    private var memberships: [Membership] = []
    private var places: [StreamName: Int] = [:]
    private var times: Times? = Times()

    /// Makes a table of memberships in different streams.
    package init(_ memberships: [Membership] = []) {
        for membership in memberships { add(membership) }
    }

    /// The position of a stream's membership.
    package func place(of stream: StreamName) -> Int? { places[stream] }

    /// Adds a membership in a stream that has none.
    package mutating func add(_ membership: Membership) {
        places[membership.stream] = memberships.count
        memberships.append(membership)
        times = nil
    }

    /// Gives up the memberships in these streams; the others move up.
    package mutating func remove(_ streams: Set<StreamName>) {
        memberships.removeAll { streams.contains($0.stream) }
        places = Dictionary(uniqueKeysWithValues: memberships.indices.map { (memberships[$0].stream, $0) })
        times = nil
    }

    /// When there is something to sweep for at the latest, or a stream to be looked at again.
    package mutating func nextTime() -> Instant {
        let times = knownTimes()
        return Swift.min(times.nextSweep, times.nextRejoin)
    }

    /// When a retry is due, as far as is known.
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
