// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The sweep: leases what has expired and what is due, by ids.
extension RedisSubscription {
    /// Leases up to so much, of the streams that are due.
    ///
    /// - Parameter alongside: Whether the rest of the room is filled with new messages in the same round trip as the
    ///   bodies, if the sweep found something.
    func sweep(
        _ room: SweepLimits, into buffer: inout ReceiveBuffer, alongside: Bool = false
    ) async throws(BrokerError) {
        let claims = try await claims(room)
        buffer.report(missing: state.withLock { $0.takeMissing() })
        guard !claims.isEmpty || (alongside && !buffer.isEmpty) else { return }
        let pending = try submitReads(of: claims)
        let failure = alongside ? await fill(&buffer, leaving: claims.count) : nil
        if let pending { try await takeBodies(of: claims, pending, into: &buffer) }
        if let failure, buffer.isEmpty { throw failure }
    }

    /// Fills the room with new messages; a failure must not lose what was leased before.
    private func fill(_ buffer: inout ReceiveBuffer, leaving count: Int) async -> BrokerError? {
        guard buffer.room > count else { return nil }
        do {
            try await readAtOnce(buffer.room - count, into: &buffer)
            return nil
        } catch {
            return error
        }
    }

    private func claims(_ room: SweepLimits) async throws(BrokerError) -> [Claim] {
        var room = room
        var swept: Set<Int> = []
        var claims: [Claim] = []
        while !room.isEmpty {
            let (plan, memberships) = plan(room, without: swept)
            if plan.calls.isEmpty { break }
            let answers: [SweepReply?]
            do {
                answers = try await run(plan)
            } catch {
                // What is leased is handed over first; the next sweep meets the error again.
                if claims.isEmpty { throw error }
                break
            }
            for (call, answer) in zip(plan.calls, answers) {
                swept.insert(call.membership)
                guard let answer else { continue }
                claims += Claim.all(of: answer, in: memberships[call.membership])
                room.take(answer)
            }
        }
        return claims
    }

    private func plan(_ room: SweepLimits, without swept: Set<Int>) -> (SweepPlan, MembershipTable) {
        let now = clock.now
        return state.withLock { state in
            let plan = SweepPlan(state.memberships, room, without: swept, first: state.rotation, at: now)
            for call in plan.calls { state.memberships[call.membership].sweep.begin() }
            return (plan, state.memberships)
        }
    }

    /// Runs the script for each stream; `nil` in place of an answer that was an error of that stream alone.
    private func run(_ plan: SweepPlan) async throws(BrokerError) -> [SweepReply?] {
        let connection = try await provider.commandConnection(to: action, for: routes(of: plan))
        let asked = clock.now
        let replies = try await replies(to: plan, asked: asked, on: connection)
        var answers: [SweepReply?] = []
        for (call, reply) in zip(plan.calls, replies) {
            let answer = SweepReply(reply)
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
            if isAlone { try await resolve(error, of: [call.membership]) }
        }
        return answers
    }

    private func routes(of plan: SweepPlan) -> RedisRoutes {
        state.withLock { state in RedisRoutes(.keys(plan.calls.map { state.memberships[$0.membership].key })) }
    }

    private func replies(
        to plan: SweepPlan, asked: Instant, on connection: RedisConnection
    ) async throws(BrokerError) -> [RedisReply] {
        let (time, memberships) = state.withLock { ($0.expectedTime(at: asked), $0.memberships) }
        var calls = ScriptCalls()
        for call in plan.calls { calls.addSweep(memberships[call.membership], member, call.room, expecting: time) }
        do throws(RedisError) {
            let replies = try await connection.run(calls, timeout: callTimeout)
            let now = clock.now
            state.withLock { $0.answered(asked: asked, at: now) }
            return replies
        } catch {
            state.withLock { $0.missedAnswer() }
            throw BrokerError(error, action)
        }
    }

    private func note(_ answer: SweepReply, of call: SweepPlan.Call, asked: Instant) {
        let now = clock.now
        state.withLock { state in
            let stream = state.memberships[call.membership].stream
            state.memberships[call.membership].epoch = answer.epoch
            // What the script has noticed itself is over for this stream, and not for those it did not see.
            state.learn(answer.time, asked: asked, at: now)
            state.memberships[call.membership].sweep.finish(answer, call.room, every: member.lookInterval, at: now)
            state.missing += answer.missing.map { MissingEntry(stream: stream, id: $0) }
        }
    }

    var action: String { "receive from '\(selection)'" }
}
