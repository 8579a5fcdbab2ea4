// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// A consumer of a group as the server knows it.
package struct Member: Sendable {
    /// The group.
    package let group: GroupName
    /// The consumer, as it is called in dead letters.
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

    /// The consumer on the server. Whoever looks for expired leases reads from it how long they last.
    package var nameOnServer: String { "\(consumer)@\(visibility.millisecondsRoundedUp)" }

    /// The consumer behind a name on the server; `nil` for the owner of what waits, which is none.
    package static func consumer(ofNameOnServer name: String) -> ConsumerName? {
        if name == RedisKeys.parked { return nil }
        return ConsumerName(name.lastIndex(of: "@").map { String(name[..<$0]) } ?? name)
    }

    /// How long the server may be silent in a call about leases.
    ///
    /// A heartbeat comes after a third of the visibility. One that gets no reply for another third is repeated after a
    /// twelfth, which leaves a quarter. Below a quarter of a second every hiccup of a busy machine would end the
    /// connection.
    package func callTimeout(atMost bound: Duration) -> Duration {
        min(bound, max(visibility / 3, .milliseconds(250)))
    }

    /// How often expired leases are looked for.
    package var lookInterval: Duration { visibility / 3 }
}

extension StartPosition {
    /// The id that a group begins behind, as XGROUP CREATE takes it.
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
