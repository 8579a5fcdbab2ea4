// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// The reply of the sweep script: the ids that it leased, and when to sweep again.
package struct SweepReply: Sendable {
    /// An entry that was leased and whose body is not read yet.
    package struct Lease: Sendable, Hashable {
        package var id: MessageID
        package var token: UInt64

        package init(id: MessageID, token: UInt64) {
            self.id = id
            self.token = token
        }
    }

    /// The cursor that means: the first waiting entry, or no entry at all.
    package static let beginning = "-"

    /// The server's time, in milliseconds since 1970.
    package var time: Int
    /// The epoch of the group.
    package var epoch: UInt64
    /// After how long the next retry is due; `nil` if none waits.
    package var nextRetry: Duration?
    /// Whether there may be more expired entries.
    package var isFull = false
    /// Whether suspects were passed over.
    package var hasPassedSuspects = false
    /// Where the next sweep continues with the entries that wait for a retry.
    package var cursor = Self.beginning
    /// Entries whose lease had run out.
    package var expired: [Lease] = []
    /// Entries whose retry was due.
    package var due: [Lease] = []
    /// Entries that were pending and no longer exist in the stream.
    package var missing: [MessageID] = []
    /// For how long the guard still keeps the group closed, because another consumer has just swept it.
    package var closedFor: Duration?

    /// Whether the sweep found nothing.
    package var isEmpty: Bool { expired.isEmpty && due.isEmpty && missing.isEmpty }

    package init(time: Int, epoch: UInt64) {
        self.time = time
        self.epoch = epoch
    }

    /// Reads the script's reply; `nil` if it has another form.
    package init?(_ reply: RedisReply) {
        let parts = Array(reply.elements)
        guard parts.count >= 8, let time = parts[0].integer, let epoch = parts[1].string.flatMap({ UInt64($0) }),
            let distance = parts[2].integer, let flags = parts[3].integer, let cursor = parts[4].string
        else { return nil }
        self.init(time: time, epoch: epoch)
        nextRetry = distance < 0 ? nil : .milliseconds(distance)
        isFull = flags & 1 != 0
        hasPassedSuspects = flags & 2 != 0
        self.cursor = cursor
        expired = Self.leases(parts[5])
        due = Self.leases(parts[6])
        missing = parts[7].elements.compactMap { EntryDecoder.id($0) }
        if parts.count > 9, let closed = parts[9].integer, closed > 0 { closedFor = .milliseconds(closed) }
    }

    /// The greatest token that the scripts give: up to it, the numbers of a server are exact.
    private static let greatestToken: UInt64 = 9_007_199_254_740_991

    private static func leases(_ reply: RedisReply) -> [Lease] {
        var leases: [Lease] = []
        leases.reserveCapacity(reply.elements.count / 2)
        var values = reply.elements.makeIterator()
        while let id = values.next(), let token = values.next() {
            guard let id = EntryDecoder.id(id), let token = token.string.flatMap({ UInt64($0) }),
                token <= greatestToken
            else { continue }
            leases.append(Lease(id: id, token: token))
        }
        return leases
    }
}

/// An entry that a sweep leased, with its membership: all that is known before its body comes.
struct LeasedID {
    var membership: Membership
    var lease: SweepReply.Lease
    var origin: InboundMessage.Origin

    /// What a sweep has leased in one stream, in the epoch that the reply names.
    static func all(in reply: SweepReply, of membership: Membership) -> [LeasedID] {
        var membership = membership
        membership.epoch = reply.epoch
        return reply.expired.map { LeasedID(membership: membership, lease: $0, origin: .expired) }
            + reply.due.map { LeasedID(membership: membership, lease: $0, origin: .retry) }
    }
}
