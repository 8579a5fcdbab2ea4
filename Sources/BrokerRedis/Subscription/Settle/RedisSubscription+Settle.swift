// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisWire
import Synchronization

/// Stations "settle" and "lease": carries out decisions, extends leases.
extension RedisSubscription {
    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        let refusals = try await refusals(of: settlements)
        let lines = settlements.map { SettlementPlan.Line($0.receipt, LeaseVerb($0)) }
        if refusals.isEmpty { return try await carryOut(lines, "settle") }
        let rest = lines.indices.filter { refusals[$0] == nil }.map { lines[$0] }
        var outcomes = try await carryOut(rest, "settle").makeIterator()
        return lines.indices.compactMap { index in refusals[index].map { .refused($0) } ?? outcomes.next() }
    }

    /// Refuses settlements whose output is larger than the server accepts, by their position. Sending one would end the
    /// connection.
    private func refusals(of settlements: [Settlement]) async throws(BrokerError) -> [Int: BrokerError] {
        guard settlements.contains(where: { $0.output(above: BodyLimit.least) != nil }) else { return [:] }
        let connection = try await provider.commandConnection(
            to: "settle in '\(selection)'", for: RedisRoutes(.anyNode), uninterruptedFor: callTimeout)
        let limit = try await provider.bodyLimit.current(on: connection, timeout: callTimeout)
        var refusals: [Int: BrokerError] = [:]
        for (index, settlement) in settlements.enumerated() {
            guard let output = settlement.output(above: limit) else { continue }
            refusals[index] = .bodyTooLarge(output.message.size, for: output.stream, limit: limit)
        }
        return refusals
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let lines = receipts.map { SettlementPlan.Line($0, .extend(token: $0.token)) }
        return try await carryOut(lines, "extend leases")
    }

    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let lines = receipts.map { SettlementPlan.Line($0, .restore(token: FencingToken.restored($0.token))) }
        let outcomes = try await carryOut(lines, "take leases again")
        let count = outcomes.count { if case .renewed = $0 { true } else { false } }
        if count > 0 {
            logger.warning(
                "Leases were taken away and have been taken again; was the consumer deleted?",
                metadata: [LoggingKeys.consumer: "\(member.nameOnServer)", "broker.leases": "\(count)"])
        }
        return outcomes
    }

    /// Sends everything in one write and returns one outcome for each line.
    private func carryOut(
        _ lines: [SettlementPlan.Line], _ verb: String
    ) async throws(BrokerError) -> [SettlementOutcome] {
        if lines.isEmpty { return [] }
        try throwIfClosed()
        let memberships = state.withLock { $0.memberships }
        let plan = SettlementPlan(
            lines, memberships: memberships, member: member, keys: provider.keys, target: provider.makeTarget(for:))
        guard plan.acks.count + plan.calls.count > 0 else { return try plan.outcomes([], []) }
        let action = "\(verb) in '\(selection)'"
        let connection = try await provider.commandConnection(
            to: action, for: plan.routes, uninterruptedFor: callTimeout)
        let sent = clock.now
        let (acks, calls): ([RedisReply], [RedisReply])
        do throws(RedisError) {
            (acks, calls) = try await send(plan, on: connection)
        } catch {
            state.withLock { $0.missedReply() }
            throw BrokerError(error, action)
        }
        let now = clock.now
        state.withLock { $0.gotReply(sent: sent, at: now) }
        for error in Self.errors(in: acks + calls) { connection.react(to: error) }
        let outcomes = try plan.outcomes(acks, calls)
        note(outcomes, of: plan)
        return outcomes
    }

    /// The errors: of whole commands, and of single entries in the reply of a script.
    private static func errors(in replies: [RedisReply]) -> [ServerError] {
        replies.flatMap { reply in reply.error.map { [$0] } ?? reply.elements.compactMap(\.error) }
    }

    private func send(
        _ plan: SettlementPlan, on connection: RedisConnection
    ) async throws(RedisError) -> ([RedisReply], [RedisReply]) {
        let acks = plan.acks.count > 0 ? try connection.submit(plan.acks, timeout: callTimeout) : nil
        let calls = plan.calls.count > 0 ? try connection.submit(plan.calls, timeout: callTimeout) : nil
        let ackReplies = try await acks?.replies()
        let callReplies = try await calls?.replies() ?? []
        return (ackReplies.map { Array($0) } ?? [], await keepLeases(plan, callReplies, on: connection))
    }

    /// Extends the leases that could not be extended because the keys of a group are at two nodes.
    private func keepLeases(
        _ plan: SettlementPlan, _ replies: [RedisReply], on connection: RedisConnection
    ) async -> [RedisReply] {
        let (positions, calls) = plan.callsWithoutFloor(after: replies)
        guard !positions.isEmpty, let found = try? await connection.run(calls, timeout: callTimeout) else {
            return replies
        }
        var replies = replies
        for (position, reply) in zip(positions, found) { replies[position] = reply }
        return replies
    }

    /// Announces streams in which something was stored, so that patterns find them. Wakes a read that blocks if a retry
    /// is due before the read would end.
    private func note(_ outcomes: [SettlementOutcome], of plan: SettlementPlan) {
        if plan.called.isEmpty { return }
        provider.announce(plan.destinations(outcomes))
        let delays = plan.shortestDelays(outcomes)
        if delays.isEmpty { return }
        let now = clock.now
        let isEarlier = state.withLock { $0.parked(delays, at: now) }
        if isEarlier { wakeSignal.raise() }
    }
}

extension Settlement {
    /// The first output whose body is larger than this.
    fileprivate func output(above limit: Int) -> PublishBatch.Entry? {
        guard case .forward(let entries) = action else { return nil }
        return entries.first { $0.message.size > limit }
    }
}
