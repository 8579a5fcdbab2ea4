// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore
import Synchronization

/// Batches that were submitted and not yet written. It connects callers on any thread with the event loop.
///
/// The first caller asks for a flush; callers that come before the flush runs share its write.
final class SubmissionQueue: Sendable {
    /// A batch on its way to the socket.
    struct Submission: Sendable {
        var bytes: ByteBuffer
        var pending: PendingReplies
    }

    /// Whether a batch was taken, and what its caller does next. Closed by design.
    enum Admission {
        case flush
        case sharesFlush
        case refused(RedisError)
    }

    private struct State {
        var waiting = Deque<Submission>()
        var heldBytes = 0
        var isFlushAsked = false
        var end: RedisError?
    }

    /// How many bytes may be submitted and still wait for their replies.
    let bound: Int
    private let state = Mutex(State())

    init(bound: Int) {
        self.bound = bound
    }

    /// Why nothing is taken any more; `nil` while the connection is open.
    var end: RedisError? { state.withLock { $0.end } }

    /// Whether no batch waits for its replies.
    var isEmpty: Bool { state.withLock { $0.heldBytes == 0 } }

    /// Takes a batch into the pipeline. A batch that is larger than the bound is taken if it is alone.
    func admit(_ submission: Submission) -> Admission {
        let size = submission.pending.byteCount
        return state.withLock { state in
            if let end = state.end { return .refused(end.with(.notApplied)) }
            if state.heldBytes > 0, state.heldBytes + size > bound {
                let message = "\(state.heldBytes) bytes wait for a reply, \(size) more are over the bound of \(bound)"
                return .refused(RedisError(.overloaded, message))
            }
            state.heldBytes += size
            state.waiting.append(submission)
            defer { state.isFlushAsked = true }
            return state.isFlushAsked ? .sharesFlush : .flush
        }
    }

    /// Takes everything that waits to be written.
    func takeAll() -> Deque<Submission> {
        state.withLock { state in
            state.isFlushAsked = false
            var taken = Deque<Submission>()
            swap(&taken, &state.waiting)
            return taken
        }
    }

    /// Gives back the bytes of a batch whose replies have come.
    func release(_ bytes: Int) {
        state.withLock { $0.heldBytes -= bytes }
    }

    /// Ends the queue, and tells the callers of batches that were not written.
    ///
    /// - Returns: the first reason for which it ended.
    @discardableResult
    func end(_ error: RedisError) -> RedisError {
        let (unwritten, reason) = state.withLock { state in
            let reason = state.end ?? error
            state.end = reason
            var taken = Deque<Submission>()
            swap(&taken, &state.waiting)
            return (taken, reason)
        }
        for submission in unwritten { submission.pending.finish(.failure(reason.with(.notApplied))) }
        return reason
    }
}
