// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
package import NIOCore

/// Decides who writes what was submitted, and in which order. A pure value.
///
/// Where nobody is writing, a caller writes a small batch on the socket itself, which spares the wake of the event loop.
/// Batches that come meanwhile are written next, by the same caller. What the socket does not take is left to the event
/// loop, and everything behind it. So one writes at a time, and bytes reach the socket in the order of submission.
package struct WriteTurns: Sendable {
    /// A batch on its way to the socket.
    package struct Submission: Sendable {
        package var bytes: ByteBuffer
        package var pending: PendingReplies

        package init(bytes: ByteBuffer, pending: PendingReplies) {
            self.bytes = bytes
            self.pending = pending
        }

        /// Whether it is small enough for a caller to write.
        fileprivate var isForCallers: Bool { bytes.readableBytes <= WriteTurns.callerBound }
    }

    /// A batch that a caller writes, whose replies the event loop does not expect yet.
    package struct Written: Sendable {
        package var pending: PendingReplies
        /// When the write began.
        package var time: NIODeadline
    }

    /// What the event loop does in its turn: it expects the replies to `written`, then writes the rest in this order.
    package struct LoopTurn: Sendable {
        package var written: [Written] = []
        /// What is left of a batch of `written`.
        package var rest: ByteBuffer?
        package var submissions: [Submission] = []
        /// Whether there is something to write.
        package var isWriting: Bool { rest != nil || !submissions.isEmpty }
    }

    /// What the one who has submitted or sent something does next. Closed by design.
    package enum Step: Sendable {
        /// It writes these bytes on the socket and then calls ``sent(rest:)``.
        case send(ByteBuffer)
        /// It wakes the event loop.
        case wakeLoop
        case nothing
    }

    private enum Writer: Sendable {
        case nobody
        /// A caller, for the n-th time in its turn.
        case caller(Int)
        /// The event loop: it was asked to write, or the socket has not taken all that it wrote.
        case loop(isAsked: Bool, writes: Int)
    }

    /// How often a caller writes in one turn. Then the event loop writes what has come meanwhile, since a caller must
    /// not write for the others for ever.
    package static let turnLimit = 4
    /// The most bytes that a caller writes at once. The event loop writes larger batches: they wait for the server, not
    /// for a thread, and a caller that copies them into the socket cannot prepare the next one meanwhile.
    package static let callerBound = 4 << 10

    /// Whether callers may write on the socket themselves.
    package var isOpenToCallers = false
    /// When the event loop will look for batches that were written by callers; `distantFuture` if it will not.
    package var nextLook = NIODeadline.distantFuture
    private var writer = Writer.nobody
    private var waiting: [Submission] = []
    private var written: [Written] = []
    private var rest: ByteBuffer?
    /// When the first reply to what the caller writes is due.
    private var due = NIODeadline.distantFuture

    package init() {}

    /// Whether a caller is writing.
    package var isCallerWriting: Bool { if case .caller = writer { true } else { false } }

    /// Adds a batch behind the others.
    package mutating func add(_ submission: Submission, at now: NIODeadline) -> Step {
        switch writer {
        case .nobody where isOpenToCallers && submission.isForCallers:
            writer = .caller(1)
            due = .distantFuture
            begin(submission.pending, at: now)
            return .send(submission.bytes)
        case .nobody:
            waiting.append(submission)
            writer = .loop(isAsked: true, writes: 0)
            return .wakeLoop
        case .loop(isAsked: false, let writes):
            waiting.append(submission)
            writer = .loop(isAsked: true, writes: writes)
            return .wakeLoop
        case .caller, .loop:
            waiting.append(submission)
            return .nothing
        }
    }

    /// Ends the write of a caller.
    ///
    /// - Parameter rest: What the socket did not take.
    package mutating func sent(rest: ByteBuffer?, at now: NIODeadline) -> Step {
        guard case .caller(let count) = writer else { return .nothing }
        let next = waiting.first
        if rest != nil || (next != nil && (count >= Self.turnLimit || next?.isForCallers == false)) {
            self.rest = rest
            writer = .loop(isAsked: true, writes: 0)
            return .wakeLoop
        }
        guard next != nil else {
            writer = .nobody
            // The event loop must know of a batch in time, to find that the server is silent.
            return nextLook <= due ? .nothing : .wakeLoop
        }
        writer = .caller(count + 1)
        return .send(join(at: now))
    }

    /// Takes batches that wait, as the bytes of one write.
    private mutating func join(at now: NIODeadline) -> ByteBuffer {
        var joined = ByteBuffer()
        var count = 0
        while count < waiting.count {
            let next = waiting[count]
            if count > 0, joined.readableBytes + next.bytes.readableBytes > Self.callerBound { break }
            begin(next.pending, at: now)
            if count == 0 { joined = next.bytes } else { joined.writeImmutableBuffer(next.bytes) }
            count += 1
        }
        waiting.removeFirst(count)
        return joined
    }

    private mutating func begin(_ pending: PendingReplies, at now: NIODeadline) {
        written.append(.init(pending: pending, time: now))
        due = min(due, now + TimeAmount(pending.timeout))
    }

    /// Takes what callers have written.
    package mutating func takeWritten() -> [Written] {
        var taken: [Written] = []
        swap(&taken, &written)
        return taken
    }

    /// Begins a turn of the event loop, and takes what it writes. While a caller is writing there is nothing to write.
    package mutating func beginLoopTurn() -> LoopTurn {
        var turn = LoopTurn(written: takeWritten())
        guard case .loop(_, let writes) = writer else { return turn }
        swap(&turn.rest, &rest)
        swap(&turn.submissions, &waiting)
        let count = turn.isWriting ? writes + 1 : writes
        writer = count > 0 ? .loop(isAsked: false, writes: count) : .nobody
        return turn
    }

    /// Ends a write of the event loop: the socket has taken it.
    package mutating func endLoopWrite() {
        guard case .loop(let isAsked, let writes) = writer else { return }
        writer = isAsked || writes > 1 ? .loop(isAsked: isAsked, writes: writes - 1) : .nobody
    }

    /// Takes the batches that nobody has begun to write, since the connection has ended.
    package mutating func end() -> [Submission] {
        isOpenToCallers = false
        rest = nil
        var taken: [Submission] = []
        swap(&taken, &waiting)
        return taken
    }
}
