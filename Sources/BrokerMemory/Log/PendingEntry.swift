// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a group knows about an entry that was delivered and is not settled.
struct PendingEntry: Sendable {
    /// The state of the entry. A lease makes it leased, and a retry in place makes it renewed. A retry or a release
    /// makes it parked, and from there it becomes leased. Every state can become settled, which is final.
    enum State: UInt8, Sendable {
        /// A consumer holds it.
        case leased
        /// A consumer holds it, after a retry in place.
        case renewed
        /// It waits until it is due, and no consumer holds it.
        case parked
        /// It is done. Only its place is left.
        case settled
    }

    /// The entry.
    let id: MessageID
    /// Its place in the stream.
    let ordinal: Int
    /// The fencing token of the last lease.
    var token: UInt64
    /// When it was leased or extended last; for a parked entry, when it is due. In nanoseconds of monotonic time.
    var time: Int64
    /// The visibility timeout of its holder, in nanoseconds.
    var visibility: Int64
    /// The consumer that holds it.
    var owner: Int32
    /// Its state.
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

    /// Whether it becomes a suspect when its lease expires.
    var makesSuspect: Bool { FencingToken.attempt(of: token) >= 2 }

    /// Returns when the lease expires for a consumer with this visibility timeout: the larger of both timeouts counts.
    func expiry(seenWith other: Int64 = 0) -> Int64 {
        time.addingSaturating(max(visibility, other))
    }

    /// Leases it to a holder with the next token.
    mutating func lease(to holder: Holder, at now: Instant, as state: State = .leased) {
        token += 1
        self.state = state
        owner = holder.consumer
        extend(by: holder, at: now)
    }

    /// Starts the lease again without counting an attempt.
    mutating func extend(by holder: Holder, at now: Instant) {
        time = now.nanoseconds
        visibility = holder.visibility
    }
}

/// A consumer, as its groups see it.
struct Holder: Sendable {
    /// The number that stands for its name.
    let consumer: Int32
    /// How long its leases last, in nanoseconds.
    let visibility: Int64
}
