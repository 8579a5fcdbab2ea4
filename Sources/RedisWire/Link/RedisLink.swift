// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection that is made on demand and made again after it broke.
///
/// All callers share one attempt. There is no task behind it: attempts live on event loops, so they do not end with the
/// task of a caller, and an unused link does nothing. ``Backoff`` separates the attempts, however many callers there
/// are. A failed attempt is reported to all callers that wait; each decides what to do next. Where the server changes,
/// an ``AddressSource`` knows where each attempt leads.
package final class RedisLink: Sendable {
    /// Who is told how an attempt ended.
    struct Waiter: Sendable {
        let resume: @Sendable (Result<RedisConnection, RedisError>) -> Void

        func resume(returning result: Result<RedisConnection, RedisError>) { resume(result) }
    }

    /// Makes a connection, unless the attempt is cancelled.
    typealias Connector = @Sendable (RedisOptions, ConnectAttempt) -> EventLoopFuture<RedisConnection>

    struct State {
        var link: LinkState<Waiter>
        /// The attempt that is under way; one that was given up for another address is none.
        var attempt: ConnectAttempt?
        /// Counts the attempts that were asked for.
        var turn = 0
        /// Where the last switch leads; the source may have given an attempt its address before.
        var target: RedisAddress?
        var trouble = ServerTrouble()
        var lastTicket = 0
    }

    let options: RedisOptions
    let connector: Connector
    let logger: Logger
    let loop: any EventLoop
    let source: (any AddressSource)?
    let state: Mutex<State>

    /// Makes a link to one server at a time; reads the files of certificates, does not connect.
    ///
    /// - Parameter source: Knows the server to connect to; `nil` if the options name it.
    package convenience init(
        _ options: RedisOptions, source: (any AddressSource)? = nil, backoff: Backoff = Backoff(), logger: Logger
    ) throws(RedisError) {
        let context = options.url.isEncrypted ? try options.tls.makeContext() : nil
        try self.init(options, context: context, source: source, backoff: backoff, logger: logger)
    }

    /// Makes a link to one server at a time.
    convenience init(
        _ options: RedisOptions, context: NIOSSLContext?, source: (any AddressSource)? = nil,
        backoff: Backoff = Backoff(), logger: Logger
    ) throws(RedisError) {
        if source == nil { try options.requireOneServer() }
        try self.init(options, source: source, backoff: backoff, logger: logger) { options, attempt in
            RedisConnection.connect(options, context: context, attempt)
        }
    }

    /// Makes a link whose connections are made in a way of its own.
    init(
        _ options: RedisOptions, source: (any AddressSource)? = nil, backoff: Backoff = Backoff(), logger: Logger,
        connector: @escaping Connector
    ) throws(RedisError) {
        try options.validate()
        self.options = options
        self.source = source
        loop = options.loop.eventLoop
        self.connector = connector
        self.logger = logger
        state = Mutex(State(link: LinkState(backoff: backoff)))
        source?.add(self)
    }

    /// The connection, if it is open now.
    package var openConnection: RedisConnection? { state.withLock { $0.link.openConnection } }

    /// Returns the open connection, or the result of one attempt, which is under way or begins now.
    ///
    /// - Parameters:
    ///   - limit: How long to wait at most; by default as long as the back-off and the connect timeout take.
    ///   - isCancellable: Whether a cancelled caller gives up. The attempt goes on for others.
    /// - Throws: why the attempt failed, ``RedisError/Code/timeout``, ``RedisError/Code/cancelled`` or
    ///   ``RedisError/Code/closed``; nothing was applied.
    package func connection(
        within limit: Duration? = nil, isCancellable: Bool = true
    ) async throws(RedisError) -> RedisConnection {
        if let connection = openConnection { return connection }
        let ticket = makeTicket()
        let deadline = limit.map { NIODeadline.now() + TimeAmount($0) } ?? .distantFuture
        let timer = limit.map { limit in loop.scheduleTask(in: TimeAmount(limit)) { self.giveUp(ticket, after: limit) }
        }
        defer { timer?.cancel() }
        let result: Result<RedisConnection, RedisError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                want(Waiter { continuation.resume(returning: $0) }, ticket)
                // A timeout or a cancellation may have come before the waiter was added.
                if let limit, .now() >= deadline { giveUp(ticket, after: limit) }
                if isCancellable, Task.isCancelled { giveUp(ticket, .cancelled) }
            }
        } onCancel: {
            if isCancellable { giveUp(ticket, .cancelled) }
        }
        return try result.get()
    }

    /// Returns an open connection after as many attempts as it takes. A cancelled caller goes on waiting.
    ///
    /// - Parameter limit: How long to try.
    /// - Throws: what ``connection(within:isCancellable:)`` throws, when another attempt is of no use or `limit` has
    ///   passed.
    package func connection(retryingFor limit: Duration) async throws(RedisError) -> RedisConnection {
        let deadline = NIODeadline.now() + TimeAmount(limit)
        while true {
            let left = max(.zero, Duration(deadline - .now()))
            do throws(RedisError) {
                return try await connection(within: left, isCancellable: false)
            } catch {
                if !error.isRetryable || .now() >= deadline { throw error }
            }
        }
    }

    /// Closes the link, its connection and its attempt for good. Callers that wait get ``RedisError/Code/closed``.
    package func close() async {
        await end()?.close()
    }

    /// Closes the link like ``close()``, without waiting until its connection has ended.
    ///
    /// - Returns: the connection that it had.
    @discardableResult
    func end() -> RedisConnection? {
        let (closed, attempt) = state.withLock { ($0.link.close(), $0.attempt) }
        for waiter in closed.waiters { waiter.resume(returning: .failure(.linkClosed)) }
        attempt?.cancel()
        closed.connection?.end()
        return closed.connection
    }

    /// Calls `body` with the open connection, or with the result of one attempt, or with why there was none in time.
    func whenConnected(
        within limit: Duration, _ body: @escaping @Sendable (Result<RedisConnection, RedisError>) -> Void
    ) {
        let ticket = makeTicket()
        let timer = loop.scheduleTask(in: TimeAmount(limit)) { self.giveUp(ticket, after: limit) }
        let waiter = Waiter { result in
            timer.cancel()
            body(result)
        }
        want(waiter, ticket)
    }

    private func makeTicket() -> Int {
        state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
    }
}

/// Calls of callers.
extension RedisLink {
    private func want(_ waiter: Waiter, _ ticket: Int) {
        let chance = Double.random(in: 0...1)
        let (step, turn) = state.withLock { state in
            let step = state.link.want(waiter, ticket, chance: chance)
            if case .connect = step { state.turn += 1 }
            return (step, state.turn)
        }
        switch step {
        case .use(let connection): waiter.resume(returning: .success(connection))
        case .closed: waiter.resume(returning: .failure(.linkClosed))
        case .wait: break
        case .connect(let wait): loop.scheduleTask(in: TimeAmount(wait)) { [weak self] in self?.connect(turn) }
        }
    }

    /// Gives up because the time is over. The last error of an attempt tells more than a timeout.
    private func giveUp(_ ticket: Int, after limit: Duration) {
        let late = RedisError(.timeout, "no connection within \(limit.inWords)")
        giveUp(ticket, state.withLock { $0.link.lastError } ?? late)
    }

    private func giveUp(_ ticket: Int, _ error: RedisError) {
        state.withLock { $0.link.giveUp(ticket) }?.resume(returning: .failure(error))
    }
}

extension RedisError {
    static let cancelled = RedisError(.cancelled, "the caller was cancelled while there was no connection")
    fileprivate static let linkClosed = RedisError(.closed, "the link has been closed")
}

/// The metadata keys of log lines about connections.
package enum LinkLoggingKeys {
    package static let address = "broker.address"
    package static let error = "broker.error"
}
