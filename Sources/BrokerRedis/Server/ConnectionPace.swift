// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Decides what is logged of the connections to a server, so that neither an outage of a day nor a server that
/// takes some connections and refuses others fills the log. Pure: time is an argument.
///
/// An outage is logged at its first failed attempt, then after 10 s, and after twice as long each time, up to ten minutes.
/// Its end is logged if it was logged itself. Outages that follow each other within a minute share one pace.
package struct ConnectionPace: Sendable {
    /// What is logged. Closed by design.
    package enum Line: Sendable, Hashable {
        /// The server is away.
        case away
        /// It is still away, for this time now.
        case stillAway(for: Duration)
        /// The first connection was made.
        case connected
        /// A connection was made again, this long after the first attempt that failed.
        case back(after: Duration)
        /// The login has been refused this often, without a connection before, and no other attempt is of use.
        case refusedForGood(count: Int)
    }

    static let shortestPause = Duration.seconds(10)
    static let longestPause = Duration.seconds(600)
    /// An outage that begins this long after the last one has a pace of its own.
    static let calm = Duration.seconds(60)
    /// How many refused logins at the start end the program.
    static let refusals = 3
    /// Refusals within this time count as one: several connections may try at once.
    static let together = Duration.milliseconds(500)

    /// Whether there was a connection once.
    package private(set) var hasConnected = false
    /// When the outage began; `nil` when there is none.
    private var since: Instant?
    private var isLogged = false
    private var lastFailure: Instant?
    /// When the next line about failures may come.
    private var next: Instant?
    private var pause = shortestPause
    private let waitsForLogin: Bool
    private var refusals = 0
    private var lastRefusal: Instant?

    /// Makes the pace of a broker without a connection.
    package init(waitsForLogin: Bool = false) {
        self.waitsForLogin = waitsForLogin
    }

    /// Takes note of an attempt that failed; returns what is logged, if anything is.
    ///
    /// - Parameter isRefusal: Whether the server refused the login.
    package mutating func failed(at now: Instant, isRefusal: Bool = false) -> Line? {
        if isRefusal, refuse(at: now) { return .refusedForGood(count: refusals) }
        if since == nil, let lastFailure, now - lastFailure >= Self.calm {
            next = nil
            pause = Self.shortestPause
        }
        lastFailure = now
        let began = since ?? now
        since = began
        if let next, now < next { return nil }
        next = now + pause
        pause = min(pause * 2, Self.longestPause)
        defer { isLogged = true }
        return isLogged ? .stillAway(for: now - began) : .away
    }

    /// Counts a refusal; returns whether no other attempt is made.
    private mutating func refuse(at now: Instant) -> Bool {
        if hasConnected || waitsForLogin { return false }
        if let lastRefusal, now - lastRefusal < Self.together { return false }
        lastRefusal = now
        refusals += 1
        return refusals == Self.refusals
    }

    /// Takes note of a connection; returns what is logged, if anything is.
    package mutating func connected(at now: Instant) -> Line? {
        defer {
            since = nil
            isLogged = false
            hasConnected = true
            // A server that comes and goes is logged, but not each of its turns.
            if next != nil { next = now + pause / 10 }
        }
        guard hasConnected else { return .connected }
        return since.flatMap { isLogged ? .back(after: now - $0) : nil }
    }
}
