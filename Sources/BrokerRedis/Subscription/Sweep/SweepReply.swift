// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// What a sweep came to: the ids that it leased, and what it said about the next one.
package struct SweepReply: Sendable {
    /// An entry that was leased, whose body is not read yet.
    package struct Lease: Sendable, Hashable {
        package var id: MessageID
        package var token: UInt64

        package init(id: MessageID, token: UInt64) {
            self.id = id
            self.token = token
        }
    }

    /// The cursor of who looks through waiting entries from the first one on, or not at all.
    package static let beginning = "-"

    /// The server's time, in milliseconds since 1970.
    package var time: Int
    /// The life of the group.
    package var epoch: UInt64
    /// After how long the next retry is due; `nil` when none waits.
    package var nextRetry: Duration?
    /// Whether there may be more whose lease has run out.
    package var isFull = false
    /// Whether suspects were passed over.
    package var hasPassedSuspects = false
    /// Where to go on looking through what waits for a retry.
    package var cursor = Self.beginning
    /// Whose lease had run out.
    package var expired: [Lease] = []
    /// Whose retry was due.
    package var due: [Lease] = []
    /// What was pending and is gone from the stream.
    package var missing: [MessageID] = []
    /// After how long the group may be looked through again, when somebody else has just done it.
    package var shutFor: Duration?

    /// Whether it found nothing.
    package var isEmpty: Bool { expired.isEmpty && due.isEmpty && missing.isEmpty }

    package init(time: Int, epoch: UInt64) {
        self.time = time
        self.epoch = epoch
    }

    /// Reads what the script answered; `nil` when that is something else.
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
        if parts.count > 9, let shut = parts[9].integer, shut > 0 { shutFor = .milliseconds(shut) }
    }

    /// The greatest token that the scripts give: up to there a server's numbers are exact.
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

/// An entry that was leased by a sweep, and whose: all that is known of it before its body comes.
struct Claim {
    var membership: Membership
    var lease: SweepReply.Lease
    var origin: InboundMessage.Origin

    /// What a sweep has leased of a stream, in the life of the group that it answered.
    static func all(of answer: SweepReply, in membership: Membership) -> [Claim] {
        var membership = membership
        membership.epoch = answer.epoch
        return answer.expired.map { Claim(membership: membership, lease: $0, origin: .expired) }
            + answer.due.map { Claim(membership: membership, lease: $0, origin: .retry) }
    }
}
