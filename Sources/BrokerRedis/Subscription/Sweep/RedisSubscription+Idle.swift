// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Streams in which nothing is pending. A pattern may have thousands of them.
extension RedisSubscription {
    /// How many streams one write queries, so that the server is not blocked for long.
    private static let streamsAtOnce = 512

    /// Finds the streams in which nothing is pending, so that they are not swept.
    ///
    /// The query costs the server a tenth of a sweep. Streams that are due soon are queried together with those that
    /// are due now, so that they fall due together.
    func passOverIdle() async throws(BrokerError) {
        guard case .pattern = selection else { return }
        let now = clock.now
        let soon = now + member.expiryCheckInterval / 4
        let due = state.withLock { state -> [Int] in
            guard state.memberships.count > 1, state.memberships.isSweepDue(at: now, suspects: 0) else { return [] }
            let isCheckDue = state.memberships.contains { $0.isReadable(at: now) && $0.sweep.nextExpiryCheck <= now }
            if !isCheckDue { return [] }
            return state.memberships.indices.filter {
                state.memberships[$0].isReadable(at: now) && state.memberships[$0].sweep.nextExpiryCheck <= soon
            }
        }
        for start in stride(from: 0, to: due.count, by: Self.streamsAtOnce) {
            try await passOverIdle(among: due[start..<min(start + Self.streamsAtOnce, due.count)])
        }
    }

    private func passOverIdle(among positions: ArraySlice<Int>) async throws(BrokerError) {
        let memberships = state.withLock { state in
            for position in positions { state.memberships[position].sweep.begin() }
            return positions.map { state.memberships[$0] }
        }
        var replies = try await provider.ask(questions(about: memberships), to: action).makeIterator()
        let now = clock.now
        for (position, membership) in zip(positions, memberships) {
            guard let pending = replies.next(), let epoch = replies.next() else { return }
            switch pending.error?.reaction {
            case .ensureGroup: lose([position])
            case .isolateStream: setAside(membership)
            case .some: break
            case nil:
                // If the epoch is missing or has changed, a sweep repairs that.
                guard pending.elements[0]?.integer == 0, EpochQuery.epoch(epoch) == membership.epoch else { continue }
                state.withLock {
                    $0.memberships[position].sweep.passOver(every: member.expiryCheckInterval, at: now)
                }
            }
        }
    }

    /// How much is pending in each of the streams, and the epoch of the group.
    private func questions(about memberships: [Membership]) -> RedisCommands {
        var commands = RedisCommands(capacity: 128 * memberships.count)
        for membership in memberships {
            commands.begin(3, "XPENDING", for: .key(membership.key))
            commands.add(membership.key)
            commands.add(member.group.text)
            EpochQuery.add(membership, to: &commands)
        }
        return commands
    }
}
