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
/// are. A failed attempt is reported to all callers that wait; each decides what to do next.
package final class RedisLink: Sendable {
    /// Who is told how an attempt ended.
    private struct Waiter: Sendable {
        let resume: @Sendable (Result<RedisConnection, RedisError>) -> Void

        func resume(returning result: Result<RedisConnection, RedisError>) { resume(result) }
    }

    /// Makes a connection, unless the attempt is cancelled.
    typealias Connector = @Sendable (ConnectAttempt) -> EventLoopFuture<RedisConnection>

    private struct State {
        var link: LinkState<Waiter>
        var attempt: ConnectAttempt?
        var lastTicket = 0
    }

    private let options: RedisOptions
    private let connector: Connector
    private let logger: Logger
    private let loop: any EventLoop
    private let state: Mutex<State>

    /// Makes a link to one server; reads the files of certificates, does not connect.
    package convenience init(
        _ options: RedisOptions, backoff: Backoff = Backoff(), logger: Logger
    ) throws(RedisError) {
        let context = options.url.isEncrypted ? try options.tls.makeContext() : nil
        try self.init(options, context: context, backoff: backoff, logger: logger)
    }

    /// Makes a link to one server.
    convenience init(
        _ options: RedisOptions, context: NIOSSLContext?, backoff: Backoff = Backoff(), logger: Logger
    ) throws(RedisError) {
        try options.requireOneServer()
        try self.init(options, backoff: backoff, logger: logger) { attempt in
            RedisConnection.connect(options, context: context, attempt)
        }
    }

    /// Makes a link whose connections are made in a way of its own.
    init(
        _ options: RedisOptions, backoff: Backoff = Backoff(), logger: Logger, connector: @escaping Connector
    ) throws(RedisError) {
        try options.validate()
        self.options = options
        loop = options.loop.eventLoop
        self.connector = connector
        self.logger = logger
        state = Mutex(State(link: LinkState(backoff: backoff)))
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
        switch state.withLock({ $0.link.want(waiter, ticket, chance: chance) }) {
        case .use(let connection): waiter.resume(returning: .success(connection))
        case .closed: waiter.resume(returning: .failure(.linkClosed))
        case .wait: break
        case .connect(let wait): loop.scheduleTask(in: TimeAmount(wait)) { [weak self] in self?.connect() }
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

/// Attempts, on event loops.
extension RedisLink {
    private func connect() {
        let attempt = ConnectAttempt()
        let isWanted = state.withLock { state in
            guard state.link.begin() else { return false }
            state.attempt = attempt
            return true
        }
        guard isWanted else { return }
        let reminder = options.watch.map { watch in
            loop.scheduleTask(in: ConnectPatience.limit) { [options] in
                watch.failed(.silence(of: options.url, isConnected: attempt.isConnected))
            }
        }
        connector(attempt).whenComplete {
            reminder?.cancel()
            self.finish($0)
        }
    }

    private func finish(_ result: Result<RedisConnection, any Error>) {
        switch result {
        case .success(let connection):
            // If the link was closed meanwhile, nobody keeps the connection, which closes it.
            let waiters = change { $0.connected(connection) }
            if waiters != nil { options.watch?.connected(connection) }
            logger.debug("connected", metadata: [LinkLoggingKeys.address: "\(options.url)"])
            for waiter in waiters ?? [] { waiter.resume(returning: .success(connection)) }
        case .failure(let error):
            let error = RedisError(transport: error).with(.notApplied)
            let (waiters, isClosed) = change { ($0.failed(error), $0.isClosed) }
            if !isClosed { options.watch?.failed(error) }
            let metadata: Logger.Metadata = [
                LinkLoggingKeys.address: "\(options.url)", LinkLoggingKeys.error: "\(error)",
            ]
            logger.debug("could not connect", metadata: metadata)
            for waiter in waiters { waiter.resume(returning: .failure(error)) }
        }
    }

    private func change<Result: Sendable>(_ body: (inout LinkState<Waiter>) -> sending Result) -> Result {
        state.withLock { state in
            state.attempt = nil
            return body(&state.link)
        }
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
