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
        let suspects = gathering.suspects
        let now = clock.now
        if state.withLock({ $0.isSweepDue(at: now, suspects: suspects) }) {
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

/// New messages.
extension RedisSubscription {
    /// Reads what is new, and waits for it until something else is due.
    private func read(_ gathering: inout Gathering, until deadline: Instant) async throws(BrokerError) {
        let now = clock.now
        let (plan, seats, next) = state.withLock { state in
            (ReadPlan(state.seats, first: state.rotation, at: now), state.seats, min(state.nextTime, deadline))
        }
        let end = min(next, now + longestBlock)
        if !plan.fitsAtOnce(gathering.room) || end <= now { try await readAtOnce(gathering.room, into: &gathering) }
        guard gathering.isEmpty, end > now else { return }
        guard !plan.seats.isEmpty else { return await bell.waitUnlessCancelled(until: end, on: clock) }
        let block = end - now
        let count = ReadPlan.count(gathering.room, of: plan.seats.count)
        let command = ReadPlan.command(plan.seats.map { seats[$0].key }, of: member, count: count, block: block)
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await reader.read(command, blocking: block) { [self] in
                state.withLock { $0.isClosed ? .distantPast : $0.nextRetry }
            }
        } catch {
            throw readError(error)
        }
        gathering.hasWaited = true
        let answered = clock.now
        state.withLock { $0.answered(asked: now, blocking: block, at: answered) }
        try await take(reply, of: plan.seats[...], into: &gathering)
    }

    /// Reads up to so many new messages without waiting.
    func readAtOnce(_ limit: Int, into gathering: inout Gathering) async throws(BrokerError) {
        let now = clock.now
        let (plan, seats) = state.withLock { (ReadPlan($0.seats, first: $0.rotation, at: now), $0.seats) }
        let aim = gathering.room - limit
        var position = 0
        while position < plan.seats.count, gathering.room > aim {
            let room = gathering.room - aim
            let look = plan.look(from: position, room: room)
            let count = ReadPlan.count(room, of: look.count)
            let reply: RedisReply
            do throws(RedisError) {
                reply = try await reader.read(
                    ReadPlan.command(look.map { seats[$0].key }, of: member, count: count))
            } catch {
                throw readError(error)
            }
            try await take(reply, of: look, into: &gathering)
            position += look.count
        }
        state.withLock { $0.rotation += position }
    }

    /// Takes what a read brought, in whichever streams.
    private func take(
        _ reply: RedisReply, of positions: ArraySlice<Int>, into gathering: inout Gathering
    ) async throws(BrokerError) {
        if let error = reply.error {
            if error.reaction == .reconnect { await reader.drop() }
            return try await resolve(error, of: positions)
        }
        let seats = state.withLock { $0.seats }
        var messages: [InboundMessage] = []
        for answer in reply.elements {
            guard let entries = answer.elements[1] else { continue }
            let seat =
                positions.count == 1
                ? positions.first
                : positions.first { position in answer.elements[0]?.string == seats[position].key }
            guard let seat else { continue }
            ReadAnswer.append(entries.elements, of: seats[seat].stream, epoch: seats[seat].epoch, to: &messages)
        }
        gathering.take(messages)
    }

    private func readError(_ error: RedisError) -> BrokerError {
        state.withLock { $0.missedAnswer() }
        return BrokerError(error, "read from '\(selection)'")
    }

    private var longestBlock: Duration {
        if case .pattern = selection { min(Self.discoveryInterval, reader.longestBlock) } else { reader.longestBlock }
    }
}
