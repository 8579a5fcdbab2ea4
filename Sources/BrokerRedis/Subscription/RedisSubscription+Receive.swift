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

/// New messages.
extension RedisSubscription {
    /// So many looks at quiet streams come in a row before the busy ones have their turn.
    private static let looksInARow = 16

    /// Reads what is new, and waits for it until something else is due.
    private func read(_ gathering: inout Gathering, until deadline: Instant) async throws(BrokerError) {
        let now = clock.now
        let (plan, next, isFresh) = state.withLock { state in
            (state.plan(at: now), min(state.seats.nextTime(), deadline), state.focus.isFreshlyEmpty(at: now))
        }
        let isMixed = !plan.quiet.isEmpty && !plan.busy.isEmpty
        let end = min(next, plan.next, now + longestBlock)
        if isMixed || !(plan.fitsAtOnce(gathering.room) || isFresh) || end <= now {
            try await readAtOnce(gathering.room, into: &gathering)
        }
        guard gathering.isEmpty, !isMixed, end > now else { return }
        if plan.seats.isEmpty { return await bell.waitUnlessCancelled(until: end, on: clock) }
        try await readBlocking(plan, for: end - now, into: &gathering)
    }

    private func readBlocking(
        _ plan: ReadPlan, for block: Duration, into gathering: inout Gathering
    ) async throws(BrokerError) {
        let asked = clock.now
        let seats = state.withLock { $0.seats }
        let count = ReadPlan.count(gathering.room, of: plan.seats.count)
        let command = ReadPlan.command(plan.seats.map { seats[$0].key }, of: member, count: count, block: block)
        let reply: RedisReply
        do throws(RedisError) {
            reply = try await reader.read(command, blocking: block) { [self] in
                state.withLock { $0.isClosed ? .distantPast : $0.seats.nextRetry() }
            }
        } catch {
            throw readError(error)
        }
        gathering.hasWaited = true
        let answered = clock.now
        state.withLock { $0.answered(asked: asked, blocking: block, at: answered) }
        try await take(reply, of: plan.seats[...], into: &gathering)
        guard plan.next == .distantFuture else { return }
        state.withLock { [isEmpty = gathering.isEmpty] state in
            state.focus.lookedAtAll(plan.seats.count, foundNothing: isEmpty, at: answered)
        }
    }

    /// Reads up to so many new messages without waiting.
    func readAtOnce(_ limit: Int, into gathering: inout Gathering) async throws(BrokerError) {
        let began = clock.now
        let plan = state.withLock { $0.plan(at: began) }
        let aim = gathering.room - limit
        let looks = plan.busy.isEmpty ? Int.max : Self.looksInARow
        let quiet = try await look(at: plan.quiet, leaving: aim, looks: looks, into: &gathering)
        let now = clock.now
        state.withLock { $0.focus.looked(at: quiet, of: plan, taking: now - began, at: now) }
        let busy = try await look(at: plan.busy, leaving: aim, looks: .max, into: &gathering)
        state.withLock { $0.rotation += busy }
    }

    /// Reads some streams after others until the room is filled so far; answers how many of them were read.
    private func look(
        at positions: [Int], leaving aim: Int, looks: Int, into gathering: inout Gathering
    ) async throws(BrokerError) -> Int {
        var (seen, looks) = (0, looks)
        while seen < positions.count, gathering.room > aim, looks > 0 {
            let room = gathering.room - aim
            let look = ReadPlan.look(positions, from: seen, room: room)
            let count = ReadPlan.count(room, of: look.count)
            let keys = state.withLock { state in look.map { state.seats[$0].key } }
            let reply: RedisReply
            do throws(RedisError) {
                reply = try await reader.read(ReadPlan.command(keys, of: member, count: count))
            } catch {
                throw readError(error)
            }
            try await take(reply, of: look, into: &gathering)
            seen += look.count
            looks -= 1
        }
        return seen
    }

    /// Takes what a read brought, in whichever streams.
    private func take(
        _ reply: RedisReply, of positions: ArraySlice<Int>, into gathering: inout Gathering
    ) async throws(BrokerError) {
        if let error = reply.error {
            if error.reaction == .reconnect { await reader.drop() }
            return try await resolve(error, of: positions)
        }
        var messages: [InboundMessage] = []
        var served: [Int] = []
        for answer in reply.elements {
            guard let entries = answer.elements[1] else { continue }
            let only = positions.count == 1 ? positions.first : nil
            guard let (place, seat) = seat(only, or: answer.elements[0]) else { continue }
            ReadAnswer.append(entries.elements, of: seat.stream, epoch: seat.epoch, to: &messages)
            served.append(place)
        }
        gathering.take(messages)
        if served.isEmpty { return }
        let now = clock.now
        state.withLock { $0.focus.served(served, at: now) }
    }

    /// The seat in the only stream that was read, or in the one whose key the server answers.
    private func seat(_ place: Int?, or key: RedisReply?) -> (Int, StreamSeat)? {
        let stream = place == nil ? key?.string.flatMap { provider.keys.stream(at: $0) } : nil
        return state.withLock { state in
            (place ?? stream.flatMap { state.seats.place(of: $0) }).map { ($0, state.seats[$0]) }
        }
    }

    private func readError(_ error: RedisError) -> BrokerError {
        state.withLock { $0.missedAnswer() }
        return BrokerError(error, "read from '\(selection)'")
    }

    private var longestBlock: Duration {
        if case .pattern = selection { min(Self.discoveryInterval, reader.longestBlock) } else { reader.longestBlock }
    }
}
