// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Decides when one stream is swept, as a pure value: for leases that have run out, and for retries that are due.
///
/// A sweep checks for expired leases at intervals. It takes retries when the server or a settlement of this consumer
/// has said that one is due.
package struct SweepState: Sendable {
    /// How long the next sweep waits at least if the last one was to lease retries and found nothing.
    package static let shortestPause = Duration.milliseconds(5)

    /// When expired leases are checked for next.
    package private(set) var nextExpiryCheck = Instant.distantPast
    /// When a retry is due, as far as is known.
    package private(set) var nextRetry = Instant.distantFuture
    /// Whether a sweep passed over suspects. A call that may take a suspect can lease one of them.
    package private(set) var hasPassedSuspects = false
    /// Which consumer's leases are checked first.
    package private(set) var rotation = 0
    /// Where the next sweep continues with the entries that wait for a retry.
    package private(set) var cursor = "-"

    /// Whether the next sweep makes all consumers pause, so that holders can extend their leases.
    package private(set) var mustPause = false

    /// The earliest retry that was parked during a sweep. The reply of that sweep may not know of it.
    private var parkedMeanwhile = Instant.distantFuture

    package init() {}

    /// Whether it is time to check for expired leases.
    package func isExpiryCheckDue(at now: Instant, suspects: Int) -> Bool {
        now >= nextExpiryCheck || (hasPassedSuspects && suspects > 0)
    }

    /// Whether there is anything to sweep for now.
    package func isDue(at now: Instant, suspects: Int) -> Bool {
        now >= nextRetry || isExpiryCheckDue(at: now, suspects: suspects)
    }

    /// When the next sweep is due.
    package var nextTime: Instant { min(nextExpiryCheck, nextRetry) }

    /// Gives holders time to extend their leases: from the next sweep on, no consumer takes anything expired for two
    /// thirds of the visibility.
    package mutating func giveHoldersTime() {
        mustPause = true
        nextExpiryCheck = .distantPast
    }

    /// A sweep begins.
    package mutating func begin() {
        parkedMeanwhile = .distantFuture
        rotation += 1
    }

    /// A sweep has ended with this reply.
    package mutating func finish(
        _ reply: SweepReply, _ limits: SweepLimits, every interval: Duration, at now: Instant
    ) {
        mustPause = false
        if limits.expired > 0 {
            // If the sweep was full only of suspects that it passed over, the next one would find the same.
            let hasMore = reply.isFull && !(reply.expired.isEmpty && reply.missing.isEmpty)
            nextExpiryCheck = hasMore ? now : now + min(interval, reply.closedFor ?? interval)
            hasPassedSuspects = reply.hasPassedSuspects
        }
        cursor = reply.cursor
        // A sweep that was not to lease retries says nothing about those that are due.
        let pause = reply.isEmpty && limits.due > 0 ? Self.shortestPause : .zero
        let next = reply.nextRetry.map { now + max($0, pause) } ?? .distantFuture
        let isPaging = cursor != SweepReply.beginning
        nextRetry = min(isPaging ? now + pause : next, parkedMeanwhile)
    }

    /// Nothing is pending in the stream, so there is nothing to sweep for until the next check.
    package mutating func passOver(every interval: Duration, at now: Instant) {
        mustPause = false
        hasPassedSuspects = false
        nextExpiryCheck = now + interval
        cursor = SweepReply.beginning
        nextRetry = parkedMeanwhile
    }

    /// A retry was parked until an instant; returns whether that is earlier than the earliest retry that was known.
    package mutating func parked(until instant: Instant) -> Bool {
        parkedMeanwhile = min(parkedMeanwhile, instant)
        guard instant < nextRetry else { return false }
        nextRetry = instant
        return true
    }
}
