// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a group knows of an entry that was delivered and is not settled.
struct PendingEntry: Sendable {
    /// Where the entry stands. It goes from leased to renewed and back with every lease, to parked by a retry or a
    /// release, from there to leased, and to settled from everywhere; settled is final.
    enum State: UInt8, Sendable {
        /// A consumer holds it.
        case leased
        /// A consumer holds it, by a retry in place.
        case renewed
        /// It waits for its time; nobody holds it.
        case parked
        /// It is done; only its place is left.
        case settled
    }

    /// The entry.
    let id: MessageID
    /// Its place in the stream.
    let ordinal: Int
    /// The fencing token of the last lease.
    var token: UInt64
    /// When it was leased or extended last; of a parked entry, when it is due. In nanoseconds of the monotonic clock.
    var time: Int64
    /// The visibility timeout of who holds it, in nanoseconds.
    var visibility: Int64
    /// The consumer that holds it.
    var owner: Int32
    /// Where it stands.
    var state: State

    /// A first lease.
    init(id: MessageID, ordinal: Int, to holder: Holder, at now: Instant) {
        self.id = id
        self.ordinal = ordinal
        token = FencingToken.first
        time = now.nanoseconds
        visibility = holder.visibility
        owner = holder.consumer
        state = .leased
    }

    /// Whether a consumer holds it.
    var isHeld: Bool { state == .leased || state == .renewed }

    /// Whether whoever takes it over, once its lease has run out, gets a suspect.
    var makesSuspect: Bool { FencingToken.attempt(of: token) >= 2 }

    /// When the lease runs out, in the eyes of somebody with this visibility timeout: the larger one counts.
    func expiry(seenWith other: Int64 = 0) -> Int64 {
        time.addingSaturating(max(visibility, other))
    }

    /// Gives it to a holder under the next token.
    mutating func lease(to holder: Holder, at now: Instant, as state: State = .leased) {
        token += 1
        self.state = state
        owner = holder.consumer
        extend(by: holder, at: now)
    }

    /// Lets the lease begin anew without counting.
    mutating func extend(by holder: Holder, at now: Instant) {
        time = now.nanoseconds
        visibility = holder.visibility
    }
}

/// A consumer as its groups see it.
struct Holder: Sendable {
    /// The number of its name.
    let consumer: Int32
    /// How long its leases last, in nanoseconds.
    let visibility: Int64
}
