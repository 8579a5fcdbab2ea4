// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The connection on which one subscription reads, and the means to end a read that blocks on it.
///
/// CLIENT UNBLOCK, sent over another connection, ends a read that blocks. It is repeated until the read has replied,
/// because it does nothing to a read that has not reached the server yet. Since every read is waited for, no messages
/// are left behind.
final class BlockedReader: Sendable {
    /// How long a read may block.
    static let longestBlock = Duration.seconds(5)
    /// How long a read may block where nobody can end it.
    static let longestDeafBlock = Duration.seconds(1)

    private static let unblockInterval = Duration.milliseconds(50)

    /// A connection, and the client id by which others end its reads.
    private struct Line {
        var connection: RedisConnection
        /// `nil` where the server forbids CLIENT ID or CLIENT UNBLOCK.
        var client: Int?
    }

    private let router: RedisRouter
    private let commands: RedisRouter
    /// Where the streams lie that are read.
    private let routes: RedisRoutes
    private let route: RedisRoute
    private let clock: any BrokerClock
    /// Raised when a wait has to check again: a reply came, something is due earlier, the subscription is closed.
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

    /// Makes sure that there is a connection; one that broke is replaced.
    func open() async throws(RedisError) {
        let connection = try await router.connection(for: routes)
        // The connection that can end a read must be there before a read begins.
        _ = try await commands.connection(for: routes)
        if line.withLock({ $0?.connection === connection }) { return }
        let client = try await client(of: connection)
        line.withLock { $0 = Line(connection: connection, client: client) }
    }

    /// Closes a connection that leads to the wrong server, so that the next `open` makes a new one.
    func drop() async {
        await line.withLock { $0?.connection }?.leave()
    }

    /// Sends a read that does not block, with the commands that belong to it, and waits for the replies.
    func read(_ commands: RedisCommands) async throws(RedisError) -> RedisReplies {
        try await submit(commands).replies()
    }

    /// Sends a read that blocks, with the commands that belong to it, and waits for the replies. If the caller is
    /// cancelled, the read is ended and its replies are returned.
    ///
    /// - Parameter end: When to end the read early. It is evaluated again whenever the signal is raised.
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

    /// Sends commands behind those that were sent before.
    func submit(_ command: RedisCommands, blocking: Duration? = nil) throws(RedisError) -> PendingReplies {
        guard let connection = line.withLock({ $0?.connection }) else {
            throw RedisError(.connection, "there is no connection for reads")
        }
        return try connection.submit(command, blocking: blocking)
    }

    /// Ends the read that blocks. If this fails, the read ends when its time is over.
    ///
    /// Does nothing without an open connection for commands. Making one may take longer than the read, and the reply of
    /// the read must not wait for it.
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

    /// The client id of a connection; `nil` if the server does not let others end its reads by it. Unblocking client 0,
    /// which does not exist, shows whether that is allowed.
    private func client(of connection: RedisConnection) async throws(RedisError) -> Int? {
        var commands = RedisCommands("CLIENT", "ID", for: route)
        commands.begin(3, "CLIENT", for: route)
        commands.add("UNBLOCK" as StaticString)
        commands.add(0)
        let replies = try await connection.send(commands)
        return replies[1]?.error == nil ? replies[0]?.integer : nil
    }
}
