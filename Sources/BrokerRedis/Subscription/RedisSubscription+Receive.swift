// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Station "fetch": two sources side by side, the sweep and the read that blocks.
extension RedisSubscription {
    /// Looks once; waits for new messages only when a sweep was not due or found nothing.
    func look(_ buffer: inout ReceiveBuffer, until deadline: Instant) async throws(BrokerError) {
        try await prepare()
        try await readLost(&buffer)
        guard buffer.isEmpty else { return }
        try await passOverIdle()
        let suspects = buffer.suspects
        let now = clock.now
        if state.withLock({ $0.memberships.isSweepDue(at: now, suspects: suspects) }) {
            if buffer.room < LeaseSource.allCases.count {
                try await takeTurns(&buffer)
            } else {
                try await takeShares(&buffer)
            }
        }
        if buffer.isEmpty { try await read(&buffer, until: deadline) }
    }

    /// Expired and due may take a quarter each, rounded up; new ones fill the rest, and what they leave the others
    /// take.
    private func takeShares(_ buffer: inout ReceiveBuffer) async throws(BrokerError) {
        let share = buffer.share
        let room = SweepLimits(expired: share, due: min(share, buffer.room - share), suspects: buffer.suspects)
        try await sweep(room, into: &buffer, alongside: true)
        guard !buffer.isEmpty, buffer.room > 0 else { return }
        let rest = restRoom(buffer)
        if !rest.isEmpty { try await sweep(rest, into: &buffer) }
    }

    /// What a second sweep may take, of sources that said that there is more.
    private func restRoom(_ buffer: ReceiveBuffer) -> SweepLimits {
        let now = clock.now
        let (hasExpired, hasDue) = state.withLock { state in
            let memberships = state.memberships.filter { $0.isReadable(at: now) }
            return (
                memberships.contains { $0.sweep.isLookDue(at: now, suspects: buffer.suspects) },
                memberships.contains { now >= $0.sweep.nextRetry }
            )
        }
        let expired = hasExpired ? (hasDue ? buffer.room / 2 : buffer.room) : 0
        return SweepLimits(expired: expired, due: hasDue ? buffer.room - expired : 0, suspects: buffer.suspects)
    }

    /// With room for one or two, a quarter would leave nothing to new ones: the sources take turns.
    private func takeTurns(_ buffer: inout ReceiveBuffer) async throws(BrokerError) {
        var failures = 0
        while buffer.room > 0, failures < LeaseSource.allCases.count {
            let source = state.withLock { state in
                defer { state.turn = state.turn.next }
                return state.turn
            }
            let before = buffer.room
            switch source {
            case .new: try await readAtOnce(1, into: &buffer)
            case .expired:
                try await sweep(SweepLimits(expired: 1, due: 0, suspects: buffer.suspects), into: &buffer)
            case .due: try await sweep(SweepLimits(expired: 0, due: 1, suspects: 0), into: &buffer)
            }
            failures = buffer.room < before ? 0 : failures + 1
        }
    }
}
