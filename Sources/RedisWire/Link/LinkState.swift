// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a link is about, as a pure value: who waits for a connection, and when the next attempt may be.
///
/// An attempt belongs to nobody: who waited for it may have left before it ends.
struct LinkState<Waiter> {
    /// What becomes of a caller who wants a connection. Closed by design.
    enum Step {
        /// It uses this one.
        case use(RedisConnection)
        /// It waits; an attempt is on its way.
        case wait
        /// It waits for an attempt that is to be made, not before so long.
        case connect(after: Duration)
        /// It gives up: the link has been closed.
        case closed
    }

    private enum Phase {
        /// There is no connection; can go to connecting.
        case apart
        /// An attempt is made, or waited for; can go to connected, apart.
        case connecting
        /// There is one, until it breaks; can go to connecting.
        case connected(RedisConnection)
        /// For good.
        case closed
    }

    private var phase = Phase.apart
    private var backoff: Backoff
    private var waiters: [Int: Waiter] = [:]
    /// Why there is no connection; `nil` once there is one.
    private(set) var lastError: RedisError?

    init(backoff: Backoff) {
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

/// What callers want.
extension LinkState {
    /// Takes a caller in; one that waits stays until it is told or gives up.
    mutating func want(_ waiter: Waiter, _ ticket: Int, chance: Double) -> Step {
        switch phase {
        case .connected(let connection) where connection.isOpen: return .use(connection)
        case .closed: return .closed
        case .connecting:
            waiters[ticket] = waiter
            return .wait
        case .apart, .connected:
            waiters[ticket] = waiter
            phase = .connecting
            return .connect(after: backoff.wait(chance: chance))
        }
    }

    /// Takes a caller off the list; `nil` when it has been told.
    mutating func giveUp(_ ticket: Int) -> Waiter? {
        waiters.removeValue(forKey: ticket)
    }

    /// Closes the link; returns the connection to be closed with it, and who waited.
    mutating func close() -> (connection: RedisConnection?, waiters: [Waiter]) {
        defer { phase = .closed }
        if case .connected(let connection) = phase { return (connection, takeWaiters()) }
        return (nil, takeWaiters())
    }
}

/// What becomes of attempts.
extension LinkState {
    /// The pause before an attempt is over; false when nobody waits for it any more.
    mutating func begin() -> Bool {
        guard case .connecting = phase else { return false }
        if waiters.isEmpty { phase = .apart }
        return !waiters.isEmpty
    }

    /// Takes a new connection; returns who waited for it, `nil` when the link was closed meanwhile.
    mutating func connected(_ connection: RedisConnection) -> [Waiter]? {
        if isClosed { return nil }
        phase = .connected(connection)
        backoff.succeeded()
        lastError = nil
        return takeWaiters()
    }

    /// Takes note of an attempt that failed; returns who waited for it.
    mutating func failed(_ error: RedisError) -> [Waiter] {
        if isClosed { return [] }
        phase = .apart
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
    /// Whether somebody must change something before connecting can succeed.
    var needsHelp: Bool { !isRetryable }
}
