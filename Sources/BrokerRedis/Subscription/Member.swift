// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// A consumer of a group, as the server knows it.
package struct Member: Sendable {
    /// The group.
    package let group: GroupName
    /// The consumer's name in dead letters.
    package let consumer: ConsumerName
    /// How long its leases last.
    package let visibility: Duration
    /// Where dead letters go.
    package let deadLetter: DeadLetterPolicy

    package init(_ request: SubscriptionRequest) {
        group = request.group
        consumer = request.consumer
        visibility = max(.milliseconds(1), request.visibility)
        deadLetter = request.deadLetter
    }

    /// The consumer's name on the server. It ends in the visibility, so that other consumers know when its leases have
    /// expired.
    package var nameOnServer: String { "\(consumer)@\(visibility.millisecondsRoundedUp)" }

    /// The consumer behind a name on the server; `nil` for the name that owns what waits for a retry.
    package static func consumer(ofNameOnServer name: String) -> ConsumerName? {
        if name == RedisKeys.parked { return nil }
        return ConsumerName(name.lastIndex(of: "@").map { String(name[..<$0]) } ?? name)
    }

    /// How long a call about leases waits for its reply.
    ///
    /// A heartbeat comes after a third of the visibility. If it gets no reply for another third, it is repeated after a
    /// twelfth. That leaves a quarter. The timeout is at least a quarter of a second, because with less every pause of
    /// a busy machine would end the connection.
    package func callTimeout(atMost bound: Duration) -> Duration {
        min(bound, max(visibility / 3, .milliseconds(250)))
    }

    /// How often a sweep checks for expired leases.
    package var expiryCheckInterval: Duration { visibility / 3 }
}

extension StartPosition {
    /// The id behind which a group begins, as XGROUP CREATE takes it.
    package var onServer: String {
        switch self {
        case .earliest: return "0"
        case .latest: return "$"
        case .after(let id): return id.description
        case .time(let time):
            guard time.milliseconds > 0 else { return "0" }
            return MessageID(milliseconds: UInt64(time.milliseconds) - 1, sequence: .max).description
        }
    }
}
