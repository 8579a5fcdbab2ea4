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
