// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire
import Synchronization

/// A connection on which reads may block, and the means to end such a read.
///
/// CLIENT UNBLOCK, sent over another connection, ends a read that blocks. It is repeated until the read has replied,
/// because it does nothing to a read that has not reached the server yet. Since every read is waited for, no messages
/// are left behind.
///
/// In a cluster the line of a key leads to the node that has the key's slot. What it sends is sent nowhere else.
package final class ReadLine: Sendable {
    private struct State {
        var connection: RedisConnection?
        /// The node that the connection leads to; `nil` for one server, and for a line that is for any key.
        var node: RedisNode?
        /// By which others end its reads; `nil` where the server forbids CLIENT ID or CLIENT UNBLOCK.
        var client: Int?
    }

    private let router: RedisRouter
    private let commands: RedisRouter
    /// Where the streams lie that are read.
    private let route: RedisRoute
    private let routes: RedisRoutes
    /// The key whose node it leads to; `nil` if it leads to all nodes.
    private let key: String?
    private let mayBlock: Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - key: The key whose node it leads to; `nil` for a line to the only server, or to all nodes.
    ///   - mayBlock: Whether reads may block on it.
    ///   - router: Where its connection comes from.
    ///   - commands: Where the connection comes from that ends its reads.
    package init(
        for route: RedisRoute, key: String? = nil, mayBlock: Bool = true, router: RedisRouter, commands: RedisRouter
    ) {
        self.route = route
        self.key = key
        self.mayBlock = mayBlock
        routes = RedisRoutes(route)
        self.router = router
        self.commands = commands
    }

    /// Whether others can end its reads.
    var canBeEnded: Bool { state.withLock { $0.client != nil } }

    /// Makes sure that there is a connection; one that broke, or that leads to a node without the slot, is replaced.
    ///
    /// - Parameter limit: How long to wait at most; by default as long as the back-off and the connect timeout take.
    func open(within limit: Duration? = nil) async throws(RedisError) {
        let place = try await router.connection(for: routes, within: limit)
        let node = key.flatMap { place.node(of: $0) }
        let connection = try await place.connection(to: node, within: limit)
        // The connection that can end a read must be there before a read begins.
        _ = try await commands.connection(for: routes, within: limit).connection(to: node, within: limit)
        if state.withLock({ $0.connection === connection }) { return }
        let client = mayBlock ? try await client(of: connection) : nil
        state.withLock { $0 = State(connection: connection, node: node, client: client) }
    }

    /// Takes note of an error reply. A connection that leads to the wrong server is closed, so that the next `open` makes
    /// a new one.
    func react(to error: ServerError) {
        state.withLock { $0.connection }?.react(to: error)
    }

    /// Learns from an error reply that the slot of its key is elsewhere; returns false if it says something else.
    func follow(_ error: ServerError) async -> Bool {
        guard let key, let place = router.openConnection(for: routes) else { return false }
        let node = state.withLock { $0.node }
        if let redirection = Redirection(error.text[...]) {
            place.note(redirection, by: node)
            return true
        }
        // The key may be gone because its slot has moved: the map is asked before anybody makes the group again.
        guard error.reaction == .ensureGroup else { return false }
        await place.askForMap()
        return place.node(of: key) != node
    }

    /// Sends commands behind those that were sent before.
    func submit(_ command: RedisCommands, blocking: Duration? = nil) throws(RedisError) -> PendingReplies {
        guard let connection = state.withLock({ $0.connection }) else {
            throw RedisError(.connection, "there is no connection for reads")
        }
        return try connection.submit(command, blocking: blocking)
    }

    /// Ends the read that blocks. If this fails, the read ends when its time is over.
    ///
    /// Does nothing without an open connection for commands. Making one may take longer than the read, and the reply of
    /// the read must not wait for it.
    func unblock() {
        let (client, node) = state.withLock { ($0.client, $0.node) }
        guard let client, let connection = commands.openConnection(for: routes)?.openConnection(to: node) else {
            return
        }
        var ending = RedisCommands()
        // A failover pauses writes, and servers before Redis 8 and Valkey 8.1 crash when a read is unblocked that they
        // hold back meanwhile. They hold back a script as well, with whatever comes behind it.
        ending.begin(3, "EVAL", for: route)
        ending.add("return 0" as StaticString)
        ending.add(0)
        ending.begin(3, "CLIENT", for: route)
        ending.add("UNBLOCK" as StaticString)
        ending.add(client)
        _ = try? connection.submit(ending)
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
