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
    func look(_ gathering: inout Gathering, until deadline: Instant) async throws(BrokerError) {
        try await prepare()
        try await passOverIdle()
        let suspects = gathering.suspects
        let now = clock.now
        if state.withLock({ $0.seats.isSweepDue(at: now, suspects: suspects) }) {
            if gathering.room < LeaseSource.allCases.count {
                try await takeTurns(&gathering)
            } else {
                try await takeShares(&gathering)
            }
        }
        if gathering.isEmpty { try await read(&gathering, until: deadline) }
    }

    /// Expired and due may take a quarter each, rounded up; new ones fill the rest, and what they leave the others take.
    private func takeShares(_ gathering: inout Gathering) async throws(BrokerError) {
        let share = gathering.share
        let room = SweepRoom(expired: share, due: min(share, gathering.room - share), suspects: gathering.suspects)
        try await sweep(room, into: &gathering, alongside: true)
        guard !gathering.isEmpty, gathering.room > 0 else { return }
        let rest = restRoom(gathering)
        if !rest.isEmpty { try await sweep(rest, into: &gathering) }
    }

    /// What a second sweep may take, of sources that said that there is more.
    private func restRoom(_ gathering: Gathering) -> SweepRoom {
        let now = clock.now
        let (hasExpired, hasDue) = state.withLock { state in
            let seats = state.seats.filter { $0.isReadable(at: now) }
            return (
                seats.contains { $0.sweep.isLookDue(at: now, suspects: gathering.suspects) },
                seats.contains { now >= $0.sweep.nextRetry }
            )
        }
        let expired = hasExpired ? (hasDue ? gathering.room / 2 : gathering.room) : 0
        return SweepRoom(expired: expired, due: hasDue ? gathering.room - expired : 0, suspects: gathering.suspects)
    }

    /// With room for one or two, a quarter would leave nothing to new ones: the sources take turns.
    private func takeTurns(_ gathering: inout Gathering) async throws(BrokerError) {
        var failures = 0
        while gathering.room > 0, failures < LeaseSource.allCases.count {
            let source = state.withLock { state in
                defer { state.turn = state.turn.next }
                return state.turn
            }
            let before = gathering.room
            switch source {
            case .new: try await readAtOnce(1, into: &gathering)
            case .expired:
                try await sweep(SweepRoom(expired: 1, due: 0, suspects: gathering.suspects), into: &gathering)
            case .due: try await sweep(SweepRoom(expired: 0, due: 1, suspects: 0), into: &gathering)
            }
            failures = gathering.room < before ? 0 : failures + 1
        }
    }
}
