// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The state of a link as a pure value: the callers that wait for a connection, and when the next attempt may begin.
///
/// No caller owns an attempt: all callers that waited for it may have left before it ends.
struct LinkState<Waiter> {
    /// What a caller that wants a connection does next. Closed by design.
    enum Step {
        /// It uses this one.
        case use(RedisConnection)
        /// It waits; an attempt is under way.
        case wait
        /// It waits for a new attempt, which begins after this time.
        case connect(after: Duration)
        /// It gives up: the link has been closed.
        case closed
    }

    private enum Phase {
        /// There is no connection; can go to connecting.
        case disconnected
        /// An attempt is under way or scheduled; can go to connected, disconnected.
        case connecting
        /// There is a connection, until it breaks; can go to connecting.
        case connected(RedisConnection)
        /// For good.
        case closed
    }

    private var phase = Phase.disconnected
    private let standardBackoff: Backoff
    private var backoff: Backoff
    private var waiters: [Int: Waiter] = [:]
    /// Why there is no connection; `nil` once there is one.
    private(set) var lastError: RedisError?

    init(backoff: Backoff) {
        standardBackoff = backoff
        self.backoff = backoff
    }

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// The connection that callers use at once.
    var openConnection: RedisConnection? {
        if case .connected(let connection) = phase, connection.isOpen { connection } else { nil }
    }
}

/// Calls of callers.
extension LinkState {
    /// Adds a caller. One that waits stays until it gets a result or gives up.
    mutating func want(_ waiter: Waiter, _ ticket: Int, chance: Double) -> Step {
        switch phase {
        case .connected(let connection) where connection.isOpen: return .use(connection)
        case .closed: return .closed
        case .connecting:
            waiters[ticket] = waiter
            return .wait
        case .disconnected, .connected:
            waiters[ticket] = waiter
            phase = .connecting
            return .connect(after: backoff.wait(chance: chance))
        }
    }

    /// The next attempt leads elsewhere, so what made the last ones fail says nothing about it.
    ///
    /// - Returns: whether an attempt is wanted now.
    mutating func renew() -> Bool {
        backoff = standardBackoff
        if case .connecting = phase { return true }
        return false
    }

    /// Removes a caller that gives up; returns `nil` if it has got its result.
    mutating func giveUp(_ ticket: Int) -> Waiter? {
        waiters.removeValue(forKey: ticket)
    }

    /// Closes the link.
    ///
    /// - Returns: the connection, which is to be closed too, and the callers that waited.
    mutating func close() -> (connection: RedisConnection?, waiters: [Waiter]) {
        defer { phase = .closed }
        if case .connected(let connection) = phase { return (connection, takeWaiters()) }
        return (nil, takeWaiters())
    }
}

/// The results of attempts.
extension LinkState {
    /// The wait before an attempt is over; returns false if no caller waits any more.
    mutating func begin() -> Bool {
        guard case .connecting = phase else { return false }
        if waiters.isEmpty { phase = .disconnected }
        return !waiters.isEmpty
    }

    /// Takes a new connection; returns the callers that waited, `nil` if the link was closed meanwhile.
    mutating func connected(_ connection: RedisConnection) -> [Waiter]? {
        if isClosed { return nil }
        phase = .connected(connection)
        backoff.succeeded()
        lastError = nil
        return takeWaiters()
    }

    /// Counts an attempt that failed; returns the callers that waited.
    mutating func failed(_ error: RedisError) -> [Waiter] {
        if isClosed { return [] }
        phase = .disconnected
        backoff.failed(needsHelp: error.needsHelp)
        lastError = error
        return takeWaiters()
    }

    private mutating func takeWaiters() -> [Waiter] {
        defer { waiters = [:] }
        return Array(waiters.values)
    }
}

extension RedisError {
    /// Whether a person must change something before connecting can succeed.
    var needsHelp: Bool { !isRetryable }
}
