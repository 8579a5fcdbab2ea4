// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Estimates what time it is on the server, from its last reply, so that a clock that was set can be told from time
/// that has passed.
package struct ServerClock: Sendable {
    private var last: (time: Int, at: Instant)?
    /// How long a request takes to the server: half of the shorter one of the last two round trips.
    private var latency = Duration.zero
    private var roundTrip: Duration?

    package init() {}

    /// Learns the server's time from a reply. It is taken for the time in the middle of the round trip.
    ///
    /// - Parameters:
    ///   - time: The server's time, in milliseconds since 1970.
    ///   - sent: When the request was sent.
    ///   - now: When the reply came.
    /// - Returns: How far the time is from what was expected.
    package mutating func learn(_ time: Int, sent: Instant, at now: Instant) -> Duration {
        let middle = sent + (now - sent) / 2
        let expected = last == nil ? time : estimate(at: middle)
        last = (time, middle)
        latency = min(roundTrip ?? (now - sent), now - sent) / 2
        roundTrip = now - sent
        return .milliseconds(Self.distance(time, expected))
    }

    /// The time that the server should have when it gets what is sent now; 0 while nothing is known.
    package func expected(at now: Instant) -> Int {
        estimate(at: now + latency)
    }

    private func estimate(at instant: Instant) -> Int {
        guard let last else { return 0 }
        return Int(Int64(last.time).addingSaturating(max(0, (instant - last.at).millisecondsRoundedUp)))
    }

    private static func distance(_ time: Int, _ other: Int) -> Int64 {
        Int64(max(time, other)).subtractingSaturating(Int64(min(time, other)))
    }
}

/// Detects that the server was stopped or out of reach for so long that holders could not extend their leases.
///
/// The server's own clock goes on during a stall, so its time does not show it. A stall shows in a call that failed or
/// was late, while no other reply came for two thirds of the visibility. Silence alone means nothing: a consumer that
/// sends no calls gets no replies.
struct StallDetector: Sendable {
    private var lastReply: Instant?
    private var hasMissed = false

    /// Notes that a call got no reply.
    mutating func missedReply() {
        hasMissed = true
    }

    /// Notes a reply.
    ///
    /// - Parameters:
    ///   - sent: When the call was sent.
    ///   - blocking: How long the call was allowed to block.
    /// - Returns: Whether a stall ends with this reply.
    mutating func gotReply(
        sent: Instant, blocking: Duration, at now: Instant, _ visibility: Duration
    ) -> Bool {
        if now - sent > blocking + visibility / 3 { hasMissed = true }
        defer {
            lastReply = now
            hasMissed = false
        }
        return isOver(at: now, visibility)
    }

    /// Whether a call that succeeds now ends a stall.
    func isOver(at now: Instant, _ visibility: Duration) -> Bool {
        guard hasMissed, let lastReply else { return false }
        return now - lastReply > visibility * 2 / 3
    }
}
