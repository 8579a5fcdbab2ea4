// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The connection by which one subscription reads, and who can end a read that blocks on it.
///
/// A read that blocks is ended from another connection by CLIENT UNBLOCK, again and again until it has answered: the
/// command does nothing to a read that is still on its way. So its messages are never left behind.
final class BlockedReader: Sendable {
    /// How long a read may block.
    static let longestBlock = Duration.seconds(5)
    /// How long, where nobody can end it.
    static let longestDeafBlock = Duration.seconds(1)

    private static let unblockInterval = Duration.milliseconds(50)

    /// A connection, and by which number others end its reads.
    private struct Line {
        var connection: RedisConnection
        /// `nil` where the server forbids to ask or to unblock.
        var client: Int?
    }

    private let router: RedisRouter
    private let commands: RedisRouter
    /// Where the streams lie that are read.
    private let routes: RedisRoutes
    private let route: RedisRoute
    private let clock: any BrokerClock
    /// Raised whenever a wait has to look again: a reply is there, something is due earlier, the subscription is
    /// closed.
    private let wakeSignal: WakeSignal
    private let line = Mutex<Line?>(nil)

    init(
        for route: RedisRoute, router: RedisRouter, commands: RedisRouter, clock: any BrokerClock,
        wakeSignal: WakeSignal
    ) {
        self.route = route
        routes = RedisRoutes(route)
        self.router = router
        self.commands = commands
        self.clock = clock
        self.wakeSignal = wakeSignal
    }

    /// How long a read may block now.
    var longestBlock: Duration {
        line.withLock { $0?.client == nil } ? Self.longestDeafBlock : Self.longestBlock
    }

    /// Makes sure that there is a connection; one that broke is made again.
    func open() async throws(RedisError) {
        let connection = try await router.connection(for: routes)
        // Who would end a read has to be there before one begins.
        _ = try await commands.connection(for: routes)
        if line.withLock({ $0?.connection === connection }) { return }
        let client = try await client(of: connection)
        line.withLock { $0 = Line(connection: connection, client: client) }
    }

    /// Gives up a connection that leads to the wrong server; the next one is a new one.
    func drop() async {
        await line.withLock { $0?.connection }?.close()
    }

    /// Sends a read that answers at once, and what belongs to it, and waits for the replies.
    func read(_ commands: RedisCommands) async throws(RedisError) -> RedisReplies {
        try await submit(commands).replies()
    }

    /// Sends a read that blocks, and what belongs to it, and waits for the replies; a cancelled caller gets them soon.
    ///
    /// - Parameter end: When the read is to end before its time, asked again whenever the signal is raised.
    func read(
        _ commands: RedisCommands, blocking block: Duration, until end: () -> Instant
    ) async throws(RedisError) -> RedisReplies {
        let pending = try submit(commands, blocking: block)
        pending.whenDone { [wakeSignal] in wakeSignal.raise() }
        var nextUnblock = Instant.distantPast
        while true {
            if let outcome = pending.outcome { return try outcome.get() }
            let now = clock.now
            let end = Task.isCancelled ? now : end()
            if end <= now {
                if nextUnblock <= now {
                    unblock()
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

    /// Sends commands, which take their place behind what was sent before.
    func submit(_ command: RedisCommands, blocking: Duration? = nil) throws(RedisError) -> PendingReplies {
        guard let connection = line.withLock({ $0?.connection }) else {
            throw RedisError(.connection, "there is no connection for reads")
        }
        return try connection.submit(command, blocking: blocking)
    }

    /// Ends the read that blocks. Failing changes nothing: its time ends it, too.
    ///
    /// Without a connection for commands nothing is done: making one may take longer than the read, whose reply must
    /// not lie meanwhile.
    private func unblock() {
        guard let client = line.withLock({ $0?.client }), let connection = commands.openConnection(for: routes) else {
            return
        }
        var command = RedisCommands()
        command.begin(3, "CLIENT", for: route)
        command.add("UNBLOCK" as StaticString)
        command.add(client)
        _ = try? connection.submit(command)
    }

    /// The number of a connection, if others may end its reads by it. No client has the number 0, so asking whether
    /// that is allowed ends nobody's read.
    private func client(of connection: RedisConnection) async throws(RedisError) -> Int? {
        var questions = RedisCommands("CLIENT", "ID", for: route)
        questions.begin(3, "CLIENT", for: route)
        questions.add("UNBLOCK" as StaticString)
        questions.add(0)
        let answers = try await connection.send(questions)
        return answers[1]?.error == nil ? answers[0]?.integer : nil
    }
}
