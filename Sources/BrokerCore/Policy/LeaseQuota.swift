// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where a leased message comes from, in the order in which the sources take their shares. Closed by design.
package enum LeaseSource: Int, Sendable, CaseIterable {
    /// Its lease has run out.
    case expired
    /// Its retry is due.
    case due
    /// It was never given to the group.
    case new

    /// The source that has its turn after this one.
    package var next: LeaseSource { Self.allCases[(rawValue + 1) % Self.allCases.count] }
}

/// How a call of `receive` divides its room among the sources, so that no source starves another.
///
/// Expired and due messages may take a quarter of the room each, rounded up. New messages fill the rest. What one
/// source leaves, the others may take. With room for fewer than three messages these shares would leave nothing for new
/// messages. Then the sources take turns.
package struct LeaseQuota: Sendable, Hashable {
    /// The order in which the sources take what the shares have left; new messages have taken all that they want.
    package static let orderOfTheRest: [LeaseSource] = [.due, .expired]

    private let room: Int

    /// Divides room for that many messages.
    package init(room: Int) {
        self.room = room
    }

    /// Whether there is too little room for shares, so that the sources take turns.
    package var isByTurns: Bool { room < LeaseSource.allCases.count }

    /// How many messages a source may take before the others have taken their shares.
    package func share(of source: LeaseSource) -> Int {
        source == .new ? room : (room + 3) / 4
    }

    /// Divides the whole room evenly between expired and due messages, for a call that names both limits at once.
    package func evenly(hasExpired: Bool, hasDue: Bool) -> (expired: Int, due: Int) {
        let expired = hasExpired ? (hasDue ? room / 2 : room) : 0
        return (expired, hasDue ? room - expired : 0)
    }
}

extension LeaseQuota {
    /// The turns of the sources. A subscription keeps them from one call to the next, so that with room for a single
    /// message every third call asks the same source first.
    package struct Turns: Sendable {
        private var source = LeaseSource.new
        private var misses = 0

        package init() {}

        /// A call of `receive` begins.
        package mutating func begin() {
            misses = 0
        }

        /// Returns the source that has its turn; `nil` when all sources in a row had nothing.
        package mutating func next() -> LeaseSource? {
            guard misses < LeaseSource.allCases.count else { return nil }
            misses += 1
            defer { source = source.next }
            return source
        }

        /// The source that had its turn gave a message.
        package mutating func served() {
            misses = 0
        }
    }
}
