// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Station "fetch": new messages, by reads that answer at once or block.
extension RedisSubscription {
    /// So many looks at quiet streams come in a row before the busy ones have their turn.
    private static let looksInARow = 16

    /// Reads what is new, and waits for it until something else is due.
    func read(_ buffer: inout ReceiveBuffer, until deadline: Instant) async throws(BrokerError) {
        let now = clock.now
        let (plan, next, isFresh) = state.withLock { state in
            (
                state.plan(at: now), min(state.memberships.nextTime(), deadline),
                state.readSchedule.isFreshlyEmpty(at: now)
            )
        }
        let isMixed = !plan.quiet.isEmpty && !plan.busy.isEmpty
        let end = min(next, plan.next, now + longestBlock)
        if isMixed || !(plan.fitsAtOnce(buffer.room) || isFresh) || end <= now {
            try await readAtOnce(buffer.room, into: &buffer)
        }
        guard buffer.isEmpty, !isMixed, end > now else { return }
        if plan.memberships.isEmpty { return await wakeSignal.waitUnlessCancelled(until: end, on: clock) }
        try await readBlocking(plan, for: end - now, into: &buffer)
    }

    private func readBlocking(
        _ plan: ReadPlan, for block: Duration, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) {
        let asked = clock.now
        let count = ReadPlan.count(buffer.room, of: plan.memberships.count)
        let commands = readCommands(plan.memberships[...], count: count, block: block)
        let replies: RedisReplies
        do throws(RedisError) {
            replies = try await reader.read(commands, blocking: block) { [self] in
                state.withLock { $0.isClosed ? .distantPast : $0.memberships.nextRetry() }
            }
        } catch {
            throw readError(error, of: plan.memberships[...], since: asked)
        }
        buffer.hasWaited = true
        let answered = clock.now
        state.withLock { $0.answered(asked: asked, blocking: block, at: answered) }
        try await take(replies, of: plan.memberships[...], into: &buffer)
        guard plan.next == .distantFuture else { return }
        state.withLock { [isEmpty = buffer.isEmpty] state in
            state.readSchedule.lookedAtAll(plan.memberships.count, foundNothing: isEmpty, at: answered)
        }
    }

    /// Reads up to so many new messages without waiting.
    func readAtOnce(_ limit: Int, into buffer: inout ReceiveBuffer) async throws(BrokerError) {
        let began = clock.now
        let plan = state.withLock { $0.plan(at: began) }
        let aim = buffer.room - limit
        let looks = plan.busy.isEmpty ? Int.max : Self.looksInARow
        let quiet = try await look(at: plan.quiet, leaving: aim, looks: looks, into: &buffer)
        let now = clock.now
        state.withLock { $0.readSchedule.looked(at: quiet, of: plan, taking: now - began, at: now) }
        let busy = try await look(at: plan.busy, leaving: aim, looks: .max, into: &buffer)
        state.withLock { $0.rotation += busy }
    }

    /// Reads some streams after others until the room is filled so far; returns how many of them were read.
    private func look(
        at positions: [Int], leaving aim: Int, looks: Int, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) -> Int {
        var (seen, looks) = (0, looks)
        while seen < positions.count, buffer.room > aim, looks > 0 {
            let room = buffer.room - aim
            let look = ReadPlan.look(positions, from: seen, room: room)
            let count = ReadPlan.count(room, of: look.count)
            let asked = clock.now
            let replies: RedisReplies
            do throws(RedisError) {
                replies = try await reader.read(readCommands(look, count: count))
            } catch {
                throw readError(error, of: look, since: asked)
            }
            try await take(replies, of: look, into: &buffer)
            seen += look.count
            looks -= 1
        }
        return seen
    }

    /// A read of some streams, and the questions that go with it.
    private func readCommands(
        _ positions: ArraySlice<Int>, count: Int, block: Duration? = nil
    ) -> RedisCommands {
        let memberships = state.withLock { state in positions.map { state.memberships[$0] } }
        var commands = ReadPlan.command(memberships.map(\.key), of: member, count: count, block: block)
        if memberships.count <= EpochQuery.mostAlongside {
            for membership in memberships { EpochQuery.add(membership, to: &commands) }
        }
        return commands
    }

    /// Takes what a read brought, in whichever streams.
    private func take(
        _ replies: RedisReplies, of positions: ArraySlice<Int>, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) {
        var answers = replies.makeIterator()
        guard let reply = answers.next() else {
            throw BrokerError(.malformedReply, "could not \(action): the server sent a read without a reply")
        }
        if let error = reply.error {
            if error.reaction == .reconnect { await reader.drop() }
            return try await resolve(error, of: positions)
        }
        let finds = finds(in: reply, of: positions)
        if finds.isEmpty { return }
        learnEpochs(of: positions, answers)
        if replies.count == 1 { await queryEpochs(of: finds.map(\.place)) }
        let memberships = state.withLock { $0.memberships }
        var messages: [InboundMessage] = []
        var last: [(stream: StreamName, id: MessageID)] = []
        for find in finds {
            let membership = memberships[find.place]
            ReadReply.append(find.entries, of: membership.stream, epoch: membership.epoch, to: &messages)
            if let receipt = messages.last?.receipt { last.append((receipt.stream, receipt.id)) }
        }
        buffer.take(messages)
        let now = clock.now
        state.withLock { state in
            state.readSchedule.served(finds.map(\.place), at: now)
            for (stream, id) in last { state.lostReads.arrived(id, in: stream) }
        }
    }

    /// The entries that a read brought and the place of the membership in their stream: in the only one that was read,
    /// or in the one whose key the server answers.
    private func finds(
        in reply: RedisReply, of positions: ArraySlice<Int>
    ) -> [(place: Int, entries: RedisReplies)] {
        let only = positions.count == 1 ? positions.first : nil
        return reply.elements.compactMap { answer in
            guard let entries = answer.elements[1], let place = only ?? place(at: answer.elements[0]) else {
                return nil
            }
            return (place, entries.elements)
        }
    }

    private func place(at key: RedisReply?) -> Int? {
        guard let stream = key?.string.flatMap({ provider.keys.stream(at: $0) }) else { return nil }
        return state.withLock { $0.memberships.place(of: stream) }
    }

    /// - Parameter since: When the read was sent.
    private func readError(_ error: RedisError, of positions: ArraySlice<Int>, since: Instant) -> BrokerError {
        state.withLock { state in
            state.missedAnswer()
            if error.isLostAnswer { state.batchSizer.shrink() }
            // A read that was never sent has leased nothing.
            guard error.effect == .unknown else { return }
            state.lostReads.lost(positions.map { state.memberships[$0].stream }, since: since)
        }
        return BrokerError(error, "read from '\(selection)'")
    }

    private var longestBlock: Duration {
        if case .pattern = selection { min(Self.discoveryInterval, reader.longestBlock) } else { reader.longestBlock }
    }
}

/// Which life of their groups new messages belong to.
extension RedisSubscription {
    private func learnEpochs(of positions: some Sequence<Int>, _ answers: RedisReplies.Iterator) {
        state.withLock { state in
            for (position, answer) in zip(positions, IteratorSequence(answers)) {
                // A change makes the table look through all its memberships again.
                guard let epoch = EpochQuery.epoch(answer), epoch != state.memberships[position].epoch else { continue }
                state.memberships[position].epoch = epoch
            }
        }
    }

    /// Without an answer the messages keep the epoch that is known; handing them over matters more.
    private func queryEpochs(of positions: [Int]) async {
        let memberships = state.withLock { state in positions.map { state.memberships[$0] } }
        var questions = RedisCommands(capacity: 64 * memberships.count)
        for membership in memberships { EpochQuery.add(membership, to: &questions) }
        guard let answers = try? await reader.read(questions) else { return }
        learnEpochs(of: positions, answers.makeIterator())
    }
}
