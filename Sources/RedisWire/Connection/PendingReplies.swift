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
    /// Goes from waiting to done, by way of awaited when somebody asks before.
    private enum State {
        case waiting
        case awaited(CheckedContinuation<Result<RedisReplies, RedisError>, Never>)
        case done(Result<RedisReplies, RedisError>)
    }

    /// How many replies it waits for.
    let count: Int
    /// How many bytes of the bound it holds until it is done.
    let byteCount: Int
    /// How long the server may be silent once everything before is answered.
    let timeout: Duration

    private let state = Mutex<State>(.waiting)

    init(count: Int, byteCount: Int, timeout: Duration) {
        self.count = count
        self.byteCount = byteCount
        self.timeout = timeout
    }

    /// Waits for the replies, one for each command, in order. An error that the server answered is a reply like any other.
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
                case .awaited:
                    preconditionFailure("replies are awaited once")
                }
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    /// Ends the wait; called once, by the event loop of the connection.
    func finish(_ result: Result<RedisReplies, RedisError>) {
        let waiter: CheckedContinuation<Result<RedisReplies, RedisError>, Never>? = state.withLock { state in
            defer { state = .done(result) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(returning: result)
    }
}
