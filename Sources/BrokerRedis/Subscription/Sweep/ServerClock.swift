// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What time the server has, reckoned from its last answer, so that a clock that was set can be told from time that
/// has passed.
package struct ServerClock: Sendable {
    private var last: (time: Int, at: Instant)?
    /// How long a request takes to the server: half of the shorter one of the last two round trips.
    private var way = Duration.zero
    private var roundTrip: Duration?

    package init() {}

    /// Takes a time, in milliseconds since 1970, that the server has just answered to what was asked at an instant; it
    /// is taken for that of half the way. Answers how far it is from what was expected.
    package mutating func learn(_ time: Int, asked: Instant, at now: Instant) -> Duration {
        let middle = asked + (now - asked) / 2
        let expected = last == nil ? time : reckon(at: middle)
        last = (time, middle)
        way = min(roundTrip ?? (now - asked), now - asked) / 2
        roundTrip = now - asked
        return .milliseconds(Self.distance(time, expected))
    }

    /// The time that the server should have when it gets what is sent now; 0 as long as nothing is known.
    package func expected(at now: Instant) -> Int {
        reckon(at: now + way)
    }

    private func reckon(at instant: Instant) -> Int {
        guard let last else { return 0 }
        return Int(Int64(last.time).addingSaturating(max(0, (instant - last.at).millisecondsRoundedUp)))
    }

    private static func distance(_ time: Int, _ other: Int) -> Int64 {
        Int64(max(time, other)).subtractingSaturating(Int64(min(time, other)))
    }
}

/// Notices that the server stood still, or was out of reach, for so long that holders could not extend their leases.
///
/// The server's own clock goes on meanwhile, so its time says nothing about that. What says it is a call that failed or
/// came late, when nothing else was answered for two thirds of the visibility. Silence alone means nothing: who asks
/// nothing is answered nothing.
struct StallDetector: Sendable {
    private var lastAnswer: Instant?
    private var hasMissed = false

    /// A call was not answered.
    mutating func missed() {
        hasMissed = true
    }

    /// What was asked at `asked` has been answered, after the server may have waited by request for `blocking`.
    /// Returns whether a stall ends with it.
    mutating func answered(
        asked: Instant, blocking: Duration, at now: Instant, _ visibility: Duration
    ) -> Bool {
        if now - asked > blocking + visibility / 3 { hasMissed = true }
        defer {
            lastAnswer = now
            hasMissed = false
        }
        return isOver(at: now, visibility)
    }

    /// Whether a call that succeeds now ends a stall.
    func isOver(at now: Instant, _ visibility: Duration) -> Bool {
        guard hasMissed, let lastAnswer else { return false }
        return now - lastAnswer > visibility * 2 / 3
    }
}
