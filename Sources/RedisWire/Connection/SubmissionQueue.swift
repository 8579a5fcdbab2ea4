// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Batches that were submitted and have no replies yet. It connects callers on any thread with the event loop.
final class SubmissionQueue: Sendable {
    typealias Submission = WriteTurns.Submission

    /// Whether a batch was taken, and what its caller does next. Closed by design.
    enum Admission {
        case taken(WriteTurns.Step)
        case refused(RedisError)
    }

    private struct State {
        var turns = WriteTurns()
        var heldBytes = 0
        var end: RedisError?
        var socket: CallerSocket?
    }

    /// How many bytes may be submitted and still wait for their replies.
    let bound: Int
    private let state = Mutex(State())

    init(bound: Int) {
        self.bound = bound
    }

    deinit {
        state.withLock { $0.socket?.close() }
    }

    /// Why nothing is taken any more; `nil` while the connection is open.
    var end: RedisError? { state.withLock { $0.end } }

    /// Whether no batch waits for its replies.
    var isEmpty: Bool { state.withLock { $0.heldBytes == 0 } }

    /// Lets callers write on the socket themselves. The queue closes it.
    func open(_ socket: CallerSocket) {
        let isRefused = state.withLock { state in
            if state.end != nil || state.socket != nil { return true }
            state.socket = socket
            state.turns.isOpenToCallers = true
            return false
        }
        if isRefused { socket.close() }
    }

    /// Takes a batch into the pipeline. A batch that is larger than the bound is taken if it is alone.
    func admit(_ submission: Submission) -> Admission {
        let size = submission.pending.byteCount
        let now = NIODeadline.now()
        return state.withLock { state in
            if let end = state.end { return .refused(end.with(.notApplied)) }
            if state.heldBytes > 0, state.heldBytes + size > bound {
                let message = "\(state.heldBytes) bytes wait for a reply, \(size) more are over the bound of \(bound)"
                return .refused(RedisError(.overloaded, message))
            }
            state.heldBytes += size
            return .taken(state.turns.add(submission, at: now))
        }
    }

    /// Does the next step, and all that follow from it.
    ///
    /// - Returns: whether the event loop is to be woken.
    func carryOut(_ step: WriteTurns.Step) -> Bool {
        var step = step
        while case .send(let bytes) = step {
            // While a caller is writing, the socket stays open: only the end of its turn closes it.
            guard let socket = state.withLock({ $0.socket }) else { return false }
            let rest = socket.send(bytes)
            step = ended(rest)
        }
        if case .wakeLoop = step { return true }
        return false
    }

    private func ended(_ rest: ByteBuffer?) -> WriteTurns.Step {
        let now = NIODeadline.now()
        return state.withLock { state in
            let step = state.turns.sent(rest: rest, at: now)
            closeSocket(&state)
            return step
        }
    }

    /// Begins a turn of the event loop.
    func beginLoopTurn() -> WriteTurns.LoopTurn {
        state.withLock { $0.turns.beginLoopTurn() }
    }

    /// Ends a write of the event loop.
    func endLoopWrite() {
        state.withLock { $0.turns.endLoopWrite() }
    }

    /// Takes what callers have written, whose replies are expected now.
    ///
    /// - Parameter look: When the event loop will look again at the latest; `nil` if that stays as it was.
    func takeWritten(nextLook look: NIODeadline? = nil) -> [WriteTurns.Written] {
        state.withLock { state in
            if let look { state.turns.nextLook = look }
            return state.turns.takeWritten()
        }
    }

    /// Says when the event loop will look for what callers have written.
    func look(at time: NIODeadline) {
        state.withLock { $0.turns.nextLook = time }
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
            let taken = state.turns.end()
            closeSocket(&state)
            return (taken, reason)
        }
        for submission in unwritten { submission.pending.finish(.failure(reason.with(.notApplied))) }
        return reason
    }

    /// Closes the socket of the callers when the queue has ended and none of them is writing.
    private func closeSocket(_ state: inout State) {
        guard state.end != nil, !state.turns.isCallerWriting else { return }
        state.socket?.close()
        state.socket = nil
    }
}
