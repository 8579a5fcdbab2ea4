// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging

/// Decides which connection a command takes: the one place where a route becomes a connection.
///
/// There is one server at a time, so every route leads to the same connection. The connection to a cluster divides what
/// it is sent by its routes.
package struct RedisRouter: Sendable {
    private let link: RedisLink
    private let observer: (any RedisObserver)?

    /// Makes a router; reads the files of certificates, does not connect.
    package init(_ options: RedisOptions, logger: Logger) throws(RedisError) {
        if case .cluster(let seeds) = options.url.place {
            link = try RedisLink(options, toClusterOf: seeds, logger: logger)
        } else {
            link = try RedisLink(options, source: try options.addressSource(logger: logger), logger: logger)
        }
        observer = options.observer
    }

    /// Returns the connection for commands with these routes if it is open now.
    package func openConnection(for routes: RedisRoutes) -> RedisConnection? {
        observer?.willConnect(for: routes)
        return link.openConnection
    }

    /// Returns the connection for commands with these routes, made by one attempt if there is none.
    ///
    /// - Parameters:
    ///   - routes: The routes of everything that is sent.
    ///   - limit: How long to wait at most; by default as long as the back-off and the connect timeout take.
    ///   - isCancellable: Whether a cancelled caller stops waiting.
    /// - Throws: what ``RedisLink/connection(within:isCancellable:)`` throws; nothing was applied.
    package func connection(
        for routes: RedisRoutes, within limit: Duration? = nil, isCancellable: Bool = true
    ) async throws(RedisError) -> RedisConnection {
        observer?.willConnect(for: routes)
        return try await link.connection(within: limit, isCancellable: isCancellable)
    }

    /// Returns the connection for commands with these routes, made by as many attempts as it takes.
    ///
    /// - Throws: what ``RedisLink/connection(retryingFor:)`` throws; nothing was applied.
    package func connection(
        for routes: RedisRoutes, retryingFor limit: Duration
    ) async throws(RedisError) -> RedisConnection {
        observer?.willConnect(for: routes)
        return try await link.connection(retryingFor: limit)
    }

    /// Closes every connection for good; callers that wait get ``RedisError/Code/closed``.
    package func close() async {
        await link.close()
    }
}

/// Sees which connections callers want and what they send, so that tests can compare the two.
package protocol RedisObserver: Sendable {
    /// A caller wants a connection for commands with these routes. Called in the task of the caller.
    func willConnect(for routes: RedisRoutes)

    /// A batch is sent. Called on the thread that sends it.
    func willSend(_ commands: RedisCommands)
}
