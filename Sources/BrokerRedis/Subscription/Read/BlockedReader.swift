// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The connections on which one subscription reads.
///
/// On one server all reads have one line. In a cluster a read that blocks names streams of one slot, so each slot has
/// a line of its own, and reads that do not block go over the connections that all subscriptions share.
final class BlockedReader: Sendable {
    /// How long a read may block.
    static let longestBlock = Duration.seconds(5)
    /// How long a read may block where nobody can end it.
    static let longestDeafBlock = Duration.seconds(1)

    /// For how long a connection is waited for, if its attempts fail with a reason that may pass.
    private static let openingTime = Duration.seconds(1)
    private static let unblockInterval = Duration.milliseconds(50)

    /// A read that blocks.
    struct Read {
        let line: ReadLine
        let commands: RedisCommands
    }

    /// For reads that do not block; on one server also for those that do.
    private let shared: ReadLine
    /// The lines of slots; `nil` on one server.
    private let slots: SlotLines?
    private let closeShared: (@Sendable () async -> Void)?
    private let clock: any BrokerClock
    /// Raised when a wait has to check again: a reply came, something is due earlier, the subscription is closed.
    private let wakeSignal: WakeSignal

    /// Makes a reader with one line.
    ///
    /// - Parameter close: Closes its connection.
    init(
        _ line: ReadLine, clock: any BrokerClock, wakeSignal: WakeSignal, close: @escaping @Sendable () async -> Void
    ) {
        shared = line
        slots = nil
        closeShared = close
        self.clock = clock
        self.wakeSignal = wakeSignal
    }

    /// Makes a reader with a line for each slot.
    ///
    /// - Parameter shared: For reads that do not block; others use its connections, too.
    init(_ shared: ReadLine, slots: SlotLines, clock: any BrokerClock, wakeSignal: WakeSignal) {
        self.shared = shared
        self.slots = slots
        closeShared = nil
        self.clock = clock
        self.wakeSignal = wakeSignal
    }

    /// Makes sure that there is a connection for reads that do not block.
    ///
    /// Waits for several attempts: whoever waits here reads as soon as a server is there, and the caller would pause
    /// after an error.
    func open() async throws(RedisError) {
        let deadline = ContinuousClock.now + Self.openingTime
        while true {
            do throws(RedisError) {
                return try await shared.open()
            } catch {
                if !error.isRetryable || Task.isCancelled || .now >= deadline { throw error }
            }
        }
    }

    /// Divides streams among the lines on which they can be read with BLOCK now. Streams that are in none of them are
    /// read without it.
    func lines(for positions: [Int], of memberships: MembershipTable) async -> [(line: ReadLine, positions: [Int])] {
        guard let slots else { return [(shared, positions)] }
        let groups = ReadPlan.bySlot(positions, of: memberships)
        return await slots.lines(for: groups, of: memberships, at: clock.now)
    }

    /// Reacts to an error reply to a read that blocked on a line. Returns true if the streams are read elsewhere from
    /// now on, so that nothing else need be done.
    func react(to error: ServerError, on line: ReadLine) async -> Bool {
        line.react(to: error)
        guard let slots else { return false }
        let isElsewhere = await line.follow(error)
        if isElsewhere { slots.rest(line, at: clock.now) }
        return isElsewhere
    }

    /// Does without a line for a while, whose connection was lost; returns false if there is no other way to read.
    func pass(over line: ReadLine) -> Bool {
        slots?.rest(line, at: clock.now)
        return slots != nil
    }

    /// Takes note of an error reply to a read that did not block.
    func react(to error: ServerError) {
        shared.react(to: error)
    }

    /// Closes every line that is its own.
    func close() async {
        await slots?.closeAll()
        await closeShared?()
    }

    /// How long a read may block on these lines.
    func longestBlock(on lines: some Sequence<ReadLine>) -> Duration {
        lines.allSatisfy(\.canBeEnded) ? Self.longestBlock : Self.longestDeafBlock
    }

    /// Sends a read that does not block, with the commands that belong to it, and waits for the replies.
    func read(_ commands: RedisCommands) async throws(RedisError) -> RedisReplies {
        try await submit(commands).replies()
    }

    /// Sends commands behind those that were sent before.
    func submit(_ commands: RedisCommands) throws(RedisError) -> PendingReplies {
        try shared.submit(commands)
    }

    /// Sends reads that block and waits for the replies to all of them. When one has replied, or the caller is
    /// cancelled, the others are ended and their replies are returned.
    ///
    /// - Parameter end: When to end the reads early. It is evaluated again whenever the signal is raised.
    func read(
        _ reads: [Read], blocking block: Duration, until end: () -> Instant
    ) async -> [Result<RedisReplies, RedisError>] {
        let pending = reads.map { read in
            Result { () throws(RedisError) in try read.line.submit(read.commands, blocking: block) }
        }
        for case .success(let pending) in pending { pending.whenDone { [wakeSignal] in wakeSignal.raise() } }
        var nextUnblock = Instant.distantPast
        while true {
            let outcomes = pending.map { $0.outcome }
            let waiting = outcomes.indices.filter { outcomes[$0] == nil }
            if waiting.isEmpty { return outcomes.compactMap { $0 } }
            let now = clock.now
            let isOver = Task.isCancelled || waiting.count < reads.count
            let end = isOver ? now : end()
            if end <= now {
                if nextUnblock <= now {
                    for index in waiting { reads[index].line.unblock() }
                    nextUnblock = now + Self.unblockInterval
                }
                await wakeSignal.wait(until: nextUnblock, on: clock)
            } else if end == .distantFuture {
                await wakeSignal.waitUnlessCancelled()
            } else {
                await wakeSignal.waitUnlessCancelled(until: end, on: clock)
            }
        }
    }
}

extension Result<PendingReplies, RedisError> {
    /// The replies, or why there are none; `nil` as long as it waits.
    fileprivate var outcome: Result<RedisReplies, RedisError>? {
        switch self {
        case .success(let pending): pending.outcome
        case .failure(let error): .failure(error)
        }
    }
}
