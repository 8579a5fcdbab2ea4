// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Which other consumers were seen in the groups of this process that keep an order: a pure value.
package struct GroupPeers: Sendable {
    private struct Watched: Sendable {
        let since: Instant
        var others: Set<ConsumerName> = []
    }

    private var watched: [ConsumerIdentity: Watched] = [:]
    /// The consumers of this process, those that have ended too, and when each was last there.
    private var own: [ConsumerName: Instant] = [:]

    /// A provider names who was active within the last minute, so for as long who has ended may still be named.
    package static let memory = Duration.seconds(600)

    package init() {}

    /// Takes note of the consumers of this process; those that ended long ago are forgotten.
    package mutating func watch(_ consumers: [ConsumerIdentity], at now: Instant) {
        for consumer in consumers { own[consumer.consumer] = now }
        own = own.filter { now - $0.value < Self.memory }
        var next: [ConsumerIdentity: Watched] = [:]
        for consumer in consumers { next[consumer] = watched[consumer] ?? Watched(since: now) }
        watched = next
    }

    /// For how long a consumer has been watched: who has done nothing since it came may be one that it replaces.
    package func age(of consumer: ConsumerIdentity, at now: Instant) -> Duration {
        watched[consumer].map { now - $0.since } ?? .zero
    }

    /// Takes note of who is active in the group of a consumer; returns those that were not there the last time.
    package mutating func meet(_ active: Set<ConsumerName>, besides consumer: ConsumerIdentity) -> [ConsumerName] {
        guard let before = watched[consumer]?.others else { return [] }
        let others = active.filter { own[$0] == nil }
        watched[consumer]?.others = others
        return others.subtracting(before).sorted()
    }
}
