// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The sweep: what has expired and what is due, by ids, then their bodies.
extension RedisSubscription {
    /// An entry that was leased by a sweep, and whose.
    private struct Claim {
        var seat: StreamSeat
        var lease: SweepAnswer.Lease
        var origin: InboundMessage.Origin
    }

    /// Leases up to so much, of the streams that are due.
    ///
    /// - Parameter alongside: Whether the rest of the room is filled with new messages in the same round trip as the
    ///   bodies, if the sweep found something.
    func sweep(
        _ room: SweepRoom, into gathering: inout Gathering, alongside: Bool = false
    ) async throws(BrokerError) {
        let claims = try await claims(room)
        gathering.report(missing: state.withLock { $0.takeMissing() })
        guard !claims.isEmpty || (alongside && !gathering.isEmpty) else { return }
        let pending = try submitReads(of: claims)
        let failure = alongside ? await fill(&gathering, leaving: claims.count) : nil
        if let pending { try await takeBodies(of: claims, pending, into: &gathering) }
        if let failure, gathering.isEmpty { throw failure }
    }

    /// Fills the room with new messages; a failure must not lose what was leased before.
    private func fill(_ gathering: inout Gathering, leaving count: Int) async -> BrokerError? {
        guard gathering.room > count else { return nil }
        do {
            try await readAtOnce(gathering.room - count, into: &gathering)
            return nil
        } catch {
            return error
        }
    }

    private func claims(_ room: SweepRoom) async throws(BrokerError) -> [Claim] {
        var room = room
        var swept: Set<Int> = []
        var claims: [Claim] = []
        while !room.isEmpty {
            let now = clock.now
            let (plan, seats) = state.withLock { state in
                let plan = SweepPlan(state.seats, room, without: swept, first: state.rotation, at: now)
                for call in plan.calls { state.seats[call.seat].sweep.begin() }
                return (plan, state.seats)
            }
            if plan.calls.isEmpty { break }
            let answers: [SweepAnswer?]
            do {
                answers = try await run(plan)
            } catch {
                if claims.isEmpty { throw error }
                break
            }
            for (call, answer) in zip(plan.calls, answers) {
                swept.insert(call.seat)
                guard let answer else { continue }
                let seat = seats[call.seat].renewed(answer.epoch)
                claims += answer.expired.map { Claim(seat: seat, lease: $0, origin: .expired) }
                claims += answer.due.map { Claim(seat: seat, lease: $0, origin: .retry) }
                room.expired -= answer.expired.count
                room.due -= answer.due.count
                if answer.expired.contains(where: { FencingToken.attempt(of: $0.token) > 2 }) { room.suspects = 0 }
            }
        }
        return claims
    }

    /// Runs the script for each stream; `nil` in place of an answer that was an error of that stream alone.
    private func run(_ plan: SweepPlan) async throws(BrokerError) -> [SweepAnswer?] {
        let connection = try await provider.commandConnection(to: action)
        var calls = ScriptCalls()
        let asked = clock.now
        let (time, seats) = state.withLock { ($0.expectedTime(at: asked), $0.seats) }
        for call in plan.calls { calls.addSweep(seats[call.seat], member, call.room, expecting: time) }
        let replies: [RedisReply]
        do throws(RedisError) {
            replies = try await connection.run(calls)
        } catch {
            state.withLock { $0.missedAnswer() }
            throw BrokerError(error, action)
        }
        let now = clock.now
        state.withLock { $0.answered(asked: asked, at: now) }
        var answers: [SweepAnswer?] = []
        for (call, reply) in zip(plan.calls, replies) {
            let answer = SweepAnswer(reply)
            answers.append(answer)
            if let answer {
                note(answer, of: call, asked: asked)
            } else if reply.error == nil {
                throw BrokerError(.malformedReply, "could not \(action): the script answered something else")
            }
        }
        for (call, reply) in zip(plan.calls, replies) {
            guard let error = reply.error else { continue }
            await provider.react(to: error, on: connection)
            // What other streams gave is handed over first; the next sweep meets the error again.
            let isAlone = answers.allSatisfy { $0?.isEmpty ?? true }
            if isAlone { try await resolve(error, of: [call.seat]) }
        }
        return answers
    }

    private func note(_ answer: SweepAnswer, of call: SweepPlan.Call, asked: Instant) {
        let now = clock.now
        state.withLock { state in
            let stream = state.seats[call.seat].stream
            state.seats[call.seat].epoch = answer.epoch
            // What the script has noticed itself is over for this stream, and not for those it did not see.
            state.learn(answer.time, asked: asked, at: now)
            state.seats[call.seat].sweep.finish(answer, call.room, every: member.lookInterval, at: now)
            state.missing += answer.missing.map { MissingEntry(stream: stream, id: $0) }
        }
    }

    /// Asks for the bodies by the connection for reads: heartbeats must not wait behind what may be long.
    private func submitReads(of claims: [Claim]) throws(BrokerError) -> PendingReplies? {
        if claims.isEmpty { return nil }
        var commands = RedisCommands(capacity: claims.count * 96)
        for claim in claims {
            commands.begin(4, "XRANGE")
            commands.add(claim.seat.key)
            for _ in 0..<2 { commands.add(claim.lease.id.milliseconds, claim.lease.id.sequence) }
        }
        do throws(RedisError) {
            return try reader.submit(commands)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Takes the bodies. An entry without one is gone: 6.2 leases it all the same, so it leaves the pending list here.
    private func takeBodies(
        of claims: [Claim], _ pending: PendingReplies, into gathering: inout Gathering
    ) async throws(BrokerError) {
        let replies: RedisReplies
        do throws(RedisError) {
            replies = try await pending.replies()
        } catch {
            throw BrokerError(error, action)
        }
        var messages: [InboundMessage] = []
        var gone: [Claim] = []
        for (claim, reply) in zip(claims, replies) where reply.error == nil {
            let (stream, epoch) = (claim.seat.stream, claim.seat.epoch)
            if let message = ReadAnswer.message(reply, of: stream, epoch: epoch, claim.lease, claim.origin) {
                messages.append(message)
            } else {
                gone.append(claim)
            }
        }
        gathering.take(messages)
        guard !gone.isEmpty else { return }
        gathering.report(missing: gone.map { MissingEntry(stream: $0.seat.stream, id: $0.lease.id) })
        forget(gone)
    }

    /// Removes what is gone from the pending list; should that fail, the next sweep finds it again.
    private func forget(_ gone: [Claim]) {
        var commands = RedisCommands()
        for claim in gone {
            commands.begin(4, "XACK")
            commands.add(claim.seat.key)
            commands.add(member.group.text)
            commands.add(claim.lease.id.milliseconds, claim.lease.id.sequence)
        }
        _ = try? reader.submit(commands)
    }

    var action: String { "receive from '\(selection)'" }
}

extension StreamSeat {
    /// The same seat in that life of the group.
    fileprivate func renewed(_ epoch: UInt64) -> StreamSeat {
        var seat = self
        seat.epoch = epoch
        return seat
    }
}
