// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Station "fetch": new messages, by reads that reply at once or block.
extension RedisSubscription {
    /// How many reads of quiet streams follow each other before the busy streams have their turn.
    private static let readsInARow = 16
    /// How often streams are read that no read waits for: those of slots that move, or have no line.
    private static let pollInterval = Duration.milliseconds(50)

    /// Reads new messages. If there are none, waits for them until something else is due.
    func read(_ buffer: inout ReceiveBuffer, until deadline: Instant) async throws(BrokerError) {
        let now = clock.now
        let (plan, next, isFresh, breadth) = state.withLock { state in
            (
                state.plan(at: now), min(state.memberships.nextTime(), deadline),
                state.readSchedule.isFreshlyEmpty(at: now), state.readDepth.breadth(buffer.room)
            )
        }
        let isMixed = !plan.quiet.isEmpty && !plan.busy.isEmpty
        var end = min(next, plan.next, now + longestWait)
        let isRead = isMixed || !(plan.fitsAtOnce(breadth) || isFresh) || end <= now
        if isRead { try await readAtOnce(buffer.room, into: &buffer) }
        guard buffer.isEmpty, !isMixed, end > now else { return }
        let positions = plan.memberships
        if positions.isEmpty { return await wakeSignal.waitUnlessCancelled(until: end, on: clock) }
        let lines = await reader.lines(for: positions, of: state.withLock { $0.memberships })
        if lines.reduce(0, { $0 + $1.positions.count }) < positions.count {
            // Some streams are read without BLOCK, again and again.
            if !isRead { try await readAtOnce(buffer.room, into: &buffer) }
            guard buffer.isEmpty else { return }
            end = min(end, clock.now + Self.pollInterval)
        }
        try await readBlocking(lines, of: plan, until: end, into: &buffer)
    }

    private func readBlocking(
        _ lines: [(line: ReadLine, positions: [Int])], of plan: ReadPlan, until end: Instant,
        into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) {
        let sent = clock.now
        let block = min(end - sent, reader.longestBlock(on: lines.map(\.line)))
        guard block > .zero else { return }
        if lines.isEmpty { return await wakeSignal.waitUnlessCancelled(until: end, on: clock) }
        let room = buffer.room
        let count = ReadPlan.count(room, of: plan.memberships.count)
        let reads = lines.map { line, positions in
            BlockedReader.Read(
                line: line, commands: readCommands(positions[...], count: count, block: block))
        }
        let results = await reader.read(reads, blocking: block) { [self] in
            state.withLock { $0.isClosed ? .distantPast : $0.memberships.nextRetry() }
        }
        var failure: BrokerError?
        for ((line, positions), result) in zip(lines, results) {
            do throws(BrokerError) {
                try await take(
                    result, on: line, of: positions[...], each: count, sent: sent, blocking: block, into: &buffer)
            } catch {
                failure = failure ?? error
            }
        }
        // What the other lines brought is handed over first; the next read meets the error again.
        if let failure, buffer.isEmpty { throw failure }
        buffer.hasWaited = true
        let brought = room - buffer.room
        state.withLock { $0.readDepth.didRead(brought, of: plan.memberships.count * count) }
        guard plan.next == .distantFuture else { return }
        let now = clock.now
        state.withLock { [isEmpty = buffer.isEmpty] state in
            state.readSchedule.didReadAll(plan.memberships.count, foundNothing: isEmpty, at: now)
        }
    }

    /// Takes the messages that a read which blocked on a line has brought.
    private func take(
        _ result: Result<RedisReplies, RedisError>, on line: ReadLine, of positions: ArraySlice<Int>, each count: Int,
        sent: Instant, blocking block: Duration, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) {
        switch result {
        case .success(let replies):
            let now = clock.now
            state.withLock { $0.gotReply(sent: sent, blocking: block, at: now) }
            if let error = replies[0]?.error, await reader.react(to: error, on: line) { return }
            try await take(replies, of: positions, each: count, into: &buffer)
        case .failure(let error):
            let failure = readError(error, of: positions, since: sent)
            // In a cluster the other nodes go on, and the streams of this one are read without BLOCK meanwhile.
            if !reader.pass(over: line) { throw failure }
        }
    }

    /// Reads new messages without waiting, up to a limit.
    func readAtOnce(_ limit: Int, into buffer: inout ReceiveBuffer) async throws(BrokerError) {
        let began = clock.now
        let plan = state.withLock { $0.plan(at: began) }
        let spare = buffer.room - limit
        let reads = plan.busy.isEmpty ? Int.max : Self.readsInARow
        let quiet = try await read(plan.quiet, sparing: spare, reads: reads, into: &buffer)
        let now = clock.now
        state.withLock { $0.readSchedule.didRead(quiet, of: plan, taking: now - began, at: now) }
        let busy = try await read(plan.busy, sparing: spare, reads: .max, isDeep: true, into: &buffer)
        state.withLock { $0.rotation += busy }
    }

    /// Reads a few streams at a time until only the spare room is left; returns how many streams were read.
    ///
    /// - Parameter isDeep: Whether to ask for as much of each stream as ``ReadDepth`` says, or for a message of each.
    private func read(
        _ positions: [Int], sparing spare: Int, reads: Int, isDeep: Bool = false, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) -> Int {
        var (done, reads) = (0, reads)
        // What is left of the room when the busy streams have filled most of it is not worth a round trip.
        let least = isDeep ? max(1, (buffer.room - spare) / 4) : 1
        while done < positions.count, buffer.room - spare >= least, reads > 0 {
            let room = buffer.room - spare
            let breadth = isDeep ? state.withLock { $0.readDepth.breadth(room) } : room
            let part = ReadPlan.part(of: positions, from: done, room: breadth)
            let count = ReadPlan.count(room, of: part.count)
            let sent = clock.now
            let replies: RedisReplies
            do throws(RedisError) {
                replies = try await reader.read(readCommands(part, count: count))
            } catch {
                throw readError(error, of: part, since: sent)
            }
            try await take(replies, of: part, each: count, into: &buffer)
            let brought = room - (buffer.room - spare)
            if isDeep { state.withLock { $0.readDepth.didRead(brought, of: part.count * count) } }
            done += part.count
            reads -= 1
        }
        return done
    }

    /// A read of some streams, followed by the epoch queries that go with it.
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

    /// Takes the messages that a read brought, and learns the epochs of their groups.
    private func take(
        _ replies: RedisReplies, of positions: ArraySlice<Int>, each count: Int, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) {
        var rest = replies.makeIterator()
        guard let reply = rest.next() else {
            throw BrokerError(.malformedReply, "could not \(action): the server sent a read without a reply")
        }
        if let error = reply.error {
            reader.react(to: error)
            return try await resolve(error, of: positions)
        }
        let batches = batches(in: reply, of: positions)
        let full = batches.filter { $0.entries.count >= count }.map(\.position)
        state.withLock { $0.readSchedule.gotAll(from: full, of: positions) }
        if batches.isEmpty { return }
        learnEpochs(of: positions, rest)
        if replies.count == 1 { await queryEpochs(of: batches.map(\.position)) }
        buffer.take(messages(in: batches))
    }

    /// The messages of some streams, which have arrived.
    private func messages(in batches: [(position: Int, entries: RedisReplies)]) -> [InboundMessage] {
        let memberships = state.withLock { $0.memberships }
        var messages: [InboundMessage] = []
        var last: [(stream: StreamName, id: MessageID)] = []
        for batch in batches {
            let membership = memberships[batch.position]
            ReadReply.append(batch.entries, of: membership.stream, epoch: membership.epoch, to: &messages)
            if let receipt = messages.last?.receipt { last.append((receipt.stream, receipt.id)) }
        }
        let now = clock.now
        state.withLock { state in
            state.readSchedule.gotMessages(from: batches.map(\.position), at: now)
            for (stream, id) in last { state.lostReads.arrived(id, in: stream) }
        }
        return messages
    }

    /// The entries that a read brought, by stream, with the position of the membership. If the read named one stream,
    /// it is that one; otherwise the reply names the key.
    private func batches(
        in reply: RedisReply, of positions: ArraySlice<Int>
    ) -> [(position: Int, entries: RedisReplies)] {
        let only = positions.count == 1 ? positions.first : nil
        return reply.elements.compactMap { stream in
            guard let entries = stream.elements[1], let position = only ?? position(of: stream.elements[0]) else {
                return nil
            }
            return (position, entries.elements)
        }
    }

    private func position(of key: RedisReply?) -> Int? {
        guard let stream = key?.string.flatMap({ provider.keys.stream(at: $0) }) else { return nil }
        return state.withLock { $0.memberships.position(of: stream) }
    }

    /// - Parameter since: When the read was sent.
    private func readError(_ error: RedisError, of positions: ArraySlice<Int>, since: Instant) -> BrokerError {
        state.withLock { state in
            state.missedReply()
            if error.isLostReply { state.batchSizer.shrink() }
            // A read that was never sent has leased nothing.
            guard error.effect == .unknown else { return }
            state.lostReads.lost(positions.map { state.memberships[$0].stream }, since: since)
        }
        return BrokerError(error, "read from '\(selection)'")
    }

    /// How long to wait for messages at most before looking around again.
    private var longestWait: Duration {
        if case .pattern = selection { Self.discoveryInterval } else { BlockedReader.longestBlock }
    }
}

/// The epochs of the groups to which new messages belong.
extension RedisSubscription {
    private func learnEpochs(of positions: some Sequence<Int>, _ replies: RedisReplies.Iterator) {
        state.withLock { state in
            for (position, reply) in zip(positions, IteratorSequence(replies)) {
                // A change makes the table look through all its memberships again.
                guard let epoch = EpochQuery.epoch(reply), epoch != state.memberships[position].epoch else { continue }
                state.memberships[position].epoch = epoch
            }
        }
    }

    /// Without a reply the messages keep the epoch that is known. Handing them over matters more.
    private func queryEpochs(of positions: [Int]) async {
        let memberships = state.withLock { state in positions.map { state.memberships[$0] } }
        var commands = RedisCommands(capacity: 64 * memberships.count)
        for membership in memberships { EpochQuery.add(membership, to: &commands) }
        guard let replies = try? await reader.read(commands) else { return }
        learnEpochs(of: positions, replies.makeIterator())
    }
}
