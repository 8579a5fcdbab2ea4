// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The second half of a call: the replies to commands that have their place in the pipeline. They are awaited once.
///
/// Awaiting is optional: the replies are read from the wire in any case. It cannot be cancelled, since the place in the
/// pipeline cannot be given back; the timeout of the call ends it, or closing the connection.
package final class PendingReplies: Sendable {
    /// Goes from waiting to done, through awaited or watched if a caller waits.
    private enum State {
        case waiting
        case awaited(CheckedContinuation<Result<RedisReplies, RedisError>, Never>)
        case watched(@Sendable () -> Void)
        case done(Result<RedisReplies, RedisError>)
    }

    /// The number of replies.
    let count: Int
    /// How many bytes of the connection's bound it holds until it is done.
    package let byteCount: Int
    /// How long the server may be silent once all earlier replies have come.
    let timeout: Duration
    /// Whether the server was asked to wait before it replies (BLOCK).
    let mayBlock: Bool

    private let state = Mutex<State>(.waiting)
    /// By slot, the connections to nodes of a cluster.
    private let carriers = Mutex<[Int: RedisConnection]>([:])

    package init(count: Int, byteCount: Int, timeout: Duration, mayBlock: Bool) {
        self.mayBlock = mayBlock
        self.count = count
        self.byteCount = byteCount
        self.timeout = timeout
    }

    /// Waits for the replies. An error of the server is a reply like any other.
    ///
    /// - Returns: one reply for each command, in order.
    /// - Throws: why there are no replies.
    package func replies() async throws(RedisError) -> RedisReplies {
        try await result().get()
    }

    /// Waits for the only reply.
    ///
    /// - Throws: an error of the server, or why there is no reply.
    package func reply() async throws(RedisError) -> RedisReply {
        guard let reply = try await replies()[0] else { throw RedisError(.malformedReply, "there is no reply") }
        if let error = reply.error { throw RedisError(error) }
        return reply
    }

    /// Waits for the replies, or for the reason why there are none.
    package func result() async -> Result<RedisReplies, RedisError> {
        await withCheckedContinuation { continuation in
            let result: Result<RedisReplies, RedisError>? = state.withLock { state in
                switch state {
                case .waiting:
                    state = .awaited(continuation)
                    return nil
                case .done(let result):
                    return result
                case .awaited, .watched:
                    preconditionFailure("replies are awaited once")
                }
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    /// The replies, or why there are none; `nil` as long as it waits.
    package var outcome: Result<RedisReplies, RedisError>? {
        state.withLock { if case .done(let result) = $0 { result } else { nil } }
    }

    /// Calls `body` when it is done, for callers that wait for several things. It takes the place of awaiting.
    ///
    /// The event loop of the connection calls `body`, so `body` must not block.
    package func whenDone(_ body: @escaping @Sendable () -> Void) {
        let isDone = state.withLock { state in
            switch state {
            case .waiting:
                state = .watched(body)
                return false
            case .done:
                return true
            case .awaited, .watched:
                preconditionFailure("replies are awaited once")
            }
        }
        if isDone { body() }
    }

    /// The connection to a node of a cluster that carried the commands for the slot of a key, the last one of several;
    /// `nil` with one server. It stays the same when the line gets another connection to the node.
    package func carrier(of key: String) -> RedisConnection? {
        carriers.withLock { $0[RedisSlot(of: key).number] }
    }

    /// Notes by which connection commands for these slots were carried out.
    func carried(_ slots: [Int], _ connection: RedisConnection) {
        if slots.isEmpty { return }
        carriers.withLock { carriers in for slot in slots { carriers[slot] = connection } }
    }

    /// Takes over who carried other commands, which belong to the same call.
    func takeCarriers(of other: PendingReplies) {
        let others = other.carriers.withLock { $0 }
        if !others.isEmpty { carriers.withLock { $0.merge(others) { $1 } } }
    }

    /// Ends the wait. The event loop of the connection calls this once.
    func finish(_ result: Result<RedisReplies, RedisError>) {
        let before = state.withLock { state in
            defer { state = .done(result) }
            return state
        }
        switch before {
        case .awaited(let continuation): continuation.resume(returning: result)
        case .watched(let body): body()
        case .waiting, .done: break
        }
    }
}
