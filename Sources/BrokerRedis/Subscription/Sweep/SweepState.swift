// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// When one stream is swept, as a pure value: for leases that have run out, and for retries that are due.
///
/// Expired leases are looked for at intervals, retries when the server or an own settlement said that one is due.
package struct SweepState: Sendable {
    /// After a sweep that looked for retries and found nothing the next one waits at least so long, whatever is due.
    package static let breather = Duration.milliseconds(5)

    /// When expired leases are looked for next.
    package private(set) var nextLook = Instant.distantPast
    /// When a retry is due, as far as is known.
    package private(set) var nextRetry = Instant.distantFuture
    /// Whether suspects were left to somebody who may have one.
    package private(set) var hasPassedSuspects = false
    /// Which consumer's leases are looked at first.
    package private(set) var rotation = 0
    /// Where to go on looking through what waits for a retry.
    package private(set) var cursor = "-"

    /// Whether holders are to be given time before anything expired is taken.
    package private(set) var mustPause = false

    /// The earliest retry that was parked while a sweep was under way, of which its answer may know nothing.
    private var parkedMeanwhile = Instant.distantFuture

    package init() {}

    /// Whether expired leases are to be looked for now.
    package func isLookDue(at now: Instant, suspects: Int) -> Bool {
        now >= nextLook || (hasPassedSuspects && suspects > 0)
    }

    /// Whether there is anything to sweep for now.
    package func isDue(at now: Instant, suspects: Int) -> Bool {
        now >= nextRetry || isLookDue(at: now, suspects: suspects)
    }

    /// When there is something to sweep for at the latest.
    package var nextTime: Instant { min(nextLook, nextRetry) }

    /// The next sweep takes nothing that has expired, and nobody does for two thirds of the visibility from then on.
    package mutating func giveHoldersTime() {
        mustPause = true
        nextLook = .distantPast
    }

    /// A sweep begins.
    package mutating func begin() {
        parkedMeanwhile = .distantFuture
        rotation += 1
    }

    /// Takes the answer of a sweep into account.
    package mutating func finish(_ answer: SweepReply, _ room: SweepLimits, every interval: Duration, at now: Instant) {
        mustPause = false
        if room.expired > 0 {
            // A sweep that was full of suspects which it passed over would find them again at once.
            let hasMore = answer.isFull && !(answer.expired.isEmpty && answer.missing.isEmpty)
            nextLook = hasMore ? now : now + min(interval, answer.shutFor ?? interval)
            hasPassedSuspects = answer.hasPassedSuspects
        }
        cursor = answer.cursor
        // A sweep that was not to lease retries says nothing about those that are due.
        let pause = answer.isEmpty && room.due > 0 ? Self.breather : .zero
        let next = answer.nextRetry.map { now + max($0, pause) } ?? .distantFuture
        let isPaging = cursor != SweepReply.beginning
        nextRetry = min(isPaging ? now + pause : next, parkedMeanwhile)
    }

    /// Nothing is pending in the stream: there is nothing to sweep for before the next look.
    package mutating func passOver(every interval: Duration, at now: Instant) {
        mustPause = false
        hasPassedSuspects = false
        nextLook = now + interval
        cursor = SweepReply.beginning
        nextRetry = parkedMeanwhile
    }

    /// A retry was parked that is due then; returns whether that is earlier than what was known.
    package mutating func parked(until instant: Instant) -> Bool {
        parkedMeanwhile = min(parkedMeanwhile, instant)
        guard instant < nextRetry else { return false }
        nextRetry = instant
        return true
    }
}
