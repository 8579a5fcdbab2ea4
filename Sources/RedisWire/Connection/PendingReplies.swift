// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The second half of a call: what was submitted and has its place in the pipeline, and can be awaited once.
///
/// It need not be awaited: the replies are taken from the wire all the same. Waiting is not cancellable, since the
/// place in the pipeline cannot be given back; the timeout of the call, or closing the connection, ends it.
package final class PendingReplies: Sendable {
    /// Goes from waiting to done, by way of awaited or watched when somebody asks before.
    private enum State {
        case waiting
        case awaited(CheckedContinuation<Result<RedisReplies, RedisError>, Never>)
        case watched(@Sendable () -> Void)
        case done(Result<RedisReplies, RedisError>)
    }

    /// How many replies it waits for.
    let count: Int
    /// How many bytes of the bound it holds until it is done.
    let byteCount: Int
    /// How long the server may be silent once everything before is answered.
    let timeout: Duration
    /// Whether the server was asked to wait before it answers.
    let mayBlock: Bool

    private let state = Mutex<State>(.waiting)

    init(count: Int, byteCount: Int, timeout: Duration, mayBlock: Bool) {
        self.mayBlock = mayBlock
        self.count = count
        self.byteCount = byteCount
        self.timeout = timeout
    }

    /// Waits for the replies, one for each command, in order. An error that the server answered is a reply like any
    /// other.
    package func replies() async throws(RedisError) -> RedisReplies {
        try await result().get()
    }

    /// Waits for the only reply; an error that the server answered is thrown.
    package func reply() async throws(RedisError) -> RedisReply {
        guard let reply = try await replies()[0] else { throw RedisError(.malformedReply, "there is no reply") }
        if let error = reply.error { throw RedisError(error) }
        return reply
    }

    /// Waits for the replies or the reason why there are none.
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

    /// What came of it; `nil` as long as it waits.
    package var outcome: Result<RedisReplies, RedisError>? {
        state.withLock { if case .done(let result) = $0 { result } else { nil } }
    }

    /// Calls `body` once it is done, at once when it is: for who waits for several things, in place of awaiting it.
    ///
    /// The event loop of the connection calls it, so it must not block.
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

    /// Ends the wait; called once, by the event loop of the connection.
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
