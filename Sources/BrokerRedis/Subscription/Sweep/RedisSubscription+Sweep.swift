// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The sweep: leases expired and due entries by their ids.
extension RedisSubscription {
    /// Sweeps the streams that are due, within the limits, and reads the bodies of what it leased.
    ///
    /// - Parameter alongside: Whether new messages fill the rest of the room in the same round trip as the bodies, if
    ///   the sweep found something.
    func sweep(
        _ limits: SweepLimits, into buffer: inout ReceiveBuffer, alongside: Bool = false
    ) async throws(BrokerError) {
        let leased = try await leaseIDs(limits)
        buffer.report(missing: state.withLock { $0.takeMissing() })
        guard !leased.isEmpty || (alongside && !buffer.isEmpty) else { return }
        let pending = try submitReads(of: leased)
        let failure = alongside ? await fill(&buffer, leaving: leased.count) : nil
        if let pending { try await takeBodies(of: leased, pending, into: &buffer) }
        if let failure, buffer.isEmpty { throw failure }
    }

    /// Fills the room with new messages. A failure is returned, so that what was leased before is not lost.
    private func fill(_ buffer: inout ReceiveBuffer, leaving count: Int) async -> BrokerError? {
        guard buffer.room > count else { return nil }
        do {
            try await readAtOnce(buffer.room - count, into: &buffer)
            return nil
        } catch {
            return error
        }
    }

    /// Sweeps a few streams at a time until the limits are used up or every due stream was swept.
    private func leaseIDs(_ limits: SweepLimits) async throws(BrokerError) -> [LeasedID] {
        var limits = limits
        var swept: Set<Int> = []
        var leased: [LeasedID] = []
        while !limits.isEmpty {
            let (plan, memberships) = plan(limits, without: swept)
            if plan.calls.isEmpty { break }
            let replies: [SweepReply?]
            do {
                replies = try await run(plan)
            } catch {
                // What is leased is handed over first; the next sweep meets the error again.
                if leased.isEmpty { throw error }
                break
            }
            for (call, reply) in zip(plan.calls, replies) {
                swept.insert(call.membership)
                guard let reply else { continue }
                leased += LeasedID.all(in: reply, of: memberships[call.membership])
                limits.subtract(reply)
            }
        }
        return leased
    }

    private func plan(_ limits: SweepLimits, without swept: Set<Int>) -> (SweepPlan, MembershipTable) {
        let now = clock.now
        return state.withLock { state in
            let plan = SweepPlan(state.memberships, limits, without: swept, first: state.rotation, at: now)
            for call in plan.calls { state.memberships[call.membership].sweep.begin() }
            return (plan, state.memberships)
        }
    }

    /// Runs the script for each stream. The result is `nil` for a stream whose script failed, if others succeeded.
    private func run(_ plan: SweepPlan) async throws(BrokerError) -> [SweepReply?] {
        let connection = try await provider.commandConnection(to: action, for: routes(of: plan))
        let sent = clock.now
        let replies = try await replies(to: plan, sent: sent, on: connection)
        var results: [SweepReply?] = []
        for (call, reply) in zip(plan.calls, replies) {
            let result = SweepReply(reply)
            results.append(result)
            if let result {
                note(result, of: call, sent: sent)
            } else if reply.error == nil {
                throw BrokerError(.malformedReply, "could not \(action): the script returned something else")
            }
        }
        for (call, reply) in zip(plan.calls, replies) {
            guard let error = reply.error else { continue }
            connection.react(to: error)
            // What other streams gave is handed over first; the next sweep meets the error again.
            let isAlone = results.allSatisfy { $0?.isEmpty ?? true }
            if isAlone { try await resolve(error, of: [call.membership]) }
        }
        return results
    }

    private func routes(of plan: SweepPlan) -> RedisRoutes {
        state.withLock { state in RedisRoutes(.keys(plan.calls.map { state.memberships[$0.membership].key })) }
    }

    private func replies(
        to plan: SweepPlan, sent: Instant, on connection: RedisConnection
    ) async throws(BrokerError) -> [RedisReply] {
        let (time, memberships) = state.withLock { ($0.expectedTime(at: sent), $0.memberships) }
        var calls = ScriptCalls()
        for call in plan.calls { calls.addSweep(memberships[call.membership], member, call.limits, expecting: time) }
        do throws(RedisError) {
            let replies = try await connection.run(calls, timeout: callTimeout)
            let now = clock.now
            state.withLock { $0.gotReply(sent: sent, at: now) }
            return replies
        } catch {
            state.withLock { $0.missedReply() }
            throw BrokerError(error, action)
        }
    }

    private func note(_ reply: SweepReply, of call: SweepPlan.Call, sent: Instant) {
        let now = clock.now
        state.withLock { state in
            let stream = state.memberships[call.membership].stream
            state.memberships[call.membership].epoch = reply.epoch
            // If the server's clock was set, this makes every stream pause. The script has already paused this one, so
            // `finish` comes second.
            state.learnTime(reply.time, sent: sent, at: now)
            state.memberships[call.membership].sweep.finish(
                reply, call.limits, every: member.expiryCheckInterval, at: now)
            state.missing += reply.missing.map { MissingEntry(stream: stream, id: $0) }
        }
    }

    var action: String { "receive from '\(selection)'" }
}
