// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a link is about, as a pure value: who connects, who waits, when the next attempt may be.
struct LinkState {
    /// What a caller who wants a connection does.
    enum Step {
        /// Uses this one.
        case use(RedisConnection)
        /// Connects for all, not before so long.
        case lead(after: Duration)
        /// Waits for the one who connects.
        case follow
        /// Gives up: the link has been closed.
        case closed
    }

    private enum Phase {
        case apart
        case connecting
        case connected(RedisConnection)
        case closed
    }

    private var phase = Phase.apart
    private(set) var backoff: Backoff
    /// What the last attempt ended with, and its number, by which followers know which one they waited for.
    private(set) var attempts = 0
    private(set) var lastError: RedisError?

    init(backoff: Backoff) {
        self.backoff = backoff
    }

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    var isConnecting: Bool {
        if case .connecting = phase { true } else { false }
    }

    /// The connection that callers use at once.
    var openConnection: RedisConnection? {
        if case .connected(let connection) = phase, connection.isOpen { connection } else { nil }
    }

    mutating func enter(chance: Double) -> Step {
        switch phase {
        case .connected(let connection) where connection.isOpen: return .use(connection)
        case .connecting: return .follow
        case .closed: return .closed
        case .apart, .connected:
            phase = .connecting
            return .lead(after: backoff.wait(chance: chance))
        }
    }

    /// Takes a new connection; false when the link was closed meanwhile.
    mutating func connected(_ connection: RedisConnection) -> Bool {
        if isClosed { return false }
        phase = .connected(connection)
        backoff.succeeded()
        attempts += 1
        lastError = nil
        return true
    }

    mutating func failed(_ error: RedisError) {
        if isClosed { return }
        phase = .apart
        backoff.failed(needsHelp: error.needsHelp)
        attempts += 1
        lastError = error
    }

    /// The leader was cancelled before it tried: somebody else may lead.
    mutating func abandoned() {
        if !isClosed { phase = .apart }
    }

    /// Closes the link; answers the connection to be closed with it.
    mutating func close() -> RedisConnection? {
        defer { phase = .closed }
        if case .connected(let connection) = phase { return connection }
        return nil
    }
}

extension RedisError {
    /// Whether somebody must change something before connecting can succeed.
    var needsHelp: Bool { !isRetryable }
}
