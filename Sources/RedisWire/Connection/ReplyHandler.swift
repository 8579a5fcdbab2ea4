// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore
import NIOSSL

/// The end of a connection's pipeline: writes what was submitted, and gives each reply to the call that is first in
/// line.
///
/// It lives on its event loop alone; only the queue is shared. While a call is in line, the server must not be silent
/// for longer than the timeout of the first call, or a shorter timeout of a call behind it, unless the first call is a
/// read that blocks. A long reply on a slow line may take longer: each part that arrives restarts the timeout.
final class ReplyHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Buffers below this size are copied into one, since a system call costs more than the copy.
    private static let copyBound = 16 << 10

    private let queue: SubmissionQueue
    private let reader: ReplyReader
    private let callersMayWrite: Bool
    private var line = Deque<PendingReplies>()
    /// How many replies of the first call have come.
    private var received = 0
    /// The shortest timeout of what was written since the line was empty.
    private var shortest = Duration.zero
    /// How long the server may be silent now.
    private var limit = Duration.zero
    private var deadline = NIODeadline.distantFuture
    private var timer: (task: Scheduled<Void>, deadline: NIODeadline)?

    /// - Parameter callersMayWrite: Whether the bytes of the queue are what the socket carries, which TLS changes.
    init(queue: SubmissionQueue, reader: ReplyReader, callersMayWrite: Bool) {
        self.queue = queue
        self.reader = reader
        self.callersMayWrite = callersMayWrite
    }

    // MARK: Writing

    func channelActive(context: ChannelHandlerContext) {
        if callersMayWrite { openToCallers(context) }
        context.fireChannelActive()
    }

    /// Lets callers write on the socket. Where there is none, as in a test, the event loop writes everything.
    private func openToCallers(_ context: ChannelHandlerContext) {
        let socket = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { CallerSocket($0) }
        if let socket = socket ?? nil { queue.open(socket) }
    }

    /// Callers flush to say that there is something for the event loop to do.
    func flush(context: ChannelHandlerContext) {
        let turn = queue.beginLoopTurn()
        expect(turn.written, context)
        guard turn.isWriting else { return context.flush() }
        let wasIdle = line.isEmpty
        if wasIdle { shortest = .seconds(86_400) }
        var joined = turn.rest ?? ByteBuffer()
        for submission in turn.submissions {
            line.append(submission.pending)
            shortest = min(shortest, submission.pending.timeout)
            if max(joined.readableBytes, submission.bytes.readableBytes) >= Self.copyBound {
                write(joined, context)
                joined = ByteBuffer()
            }
            if joined.readableBytes > 0 {
                joined.writeImmutableBuffer(submission.bytes)
            } else {
                joined = submission.bytes
            }
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [queue] _ in queue.endLoopWrite() }
        context.write(wrapOutboundOut(joined), promise: written)
        context.flush()
        wasIdle ? startClock(context, from: .now()) : shorten(context, from: .now())
    }

    /// Puts into the line what callers have written themselves.
    private func expect(_ batches: [WriteTurns.Written], _ context: ChannelHandlerContext) {
        for batch in batches {
            let wasIdle = line.isEmpty
            if wasIdle { shortest = .seconds(86_400) }
            line.append(batch.pending)
            shortest = min(shortest, batch.pending.timeout)
            wasIdle ? startClock(context, from: batch.time) : shorten(context, from: batch.time)
        }
    }

    private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if bytes.readableBytes > 0 { context.write(wrapOutboundOut(bytes), promise: nil) }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A reply to what a caller has written comes after the caller has said so.
        expect(queue.takeWritten(), context)
        let first = line.first
        do throws(ReplyRefusal) {
            try unwrapInboundIn(data).withUnsafeReadableBytes { bytes throws(ReplyRefusal) in
                try reader.read(bytes) { () throws(ReplyRefusal) in try takeReply(context) }
            }
        } catch {
            end(context, RedisError(error, of: unwrapInboundIn(data).readableBytesView))
        }
        if line.first !== first {
            startClock(context, from: .now())
        } else if first != nil {
            deadline = .now() + TimeAmount(limit)
        }
    }

    private func takeReply(_ context: ChannelHandlerContext) throws(ReplyRefusal) {
        guard let first = line.first else { return takeUnrequested(context) }
        received += 1
        guard received == first.count else { return }
        received = 0
        line.removeFirst()
        queue.release(first.byteCount)
        first.finish(.success(reader.take(first.count)))
    }

    /// A server at its limit of clients sends an error without a command, then closes.
    private func takeUnrequested(_ context: ChannelHandlerContext) {
        let error = reader.take(1)[0]?.error
        end(context, error.map { RedisError($0) } ?? RedisError(.malformedReply, "a reply that nobody asked for"))
    }

    // MARK: Time

    /// Begins the timeout of the call that is first in line now.
    private func startClock(_ context: ChannelHandlerContext, from start: NIODeadline) {
        guard let first = line.first else {
            deadline = .distantFuture
            return
        }
        limit = first.mayBlock ? first.timeout : shortest
        deadline = start + TimeAmount(limit)
        awaitDeadline(context)
    }

    private func awaitDeadline(_ context: ChannelHandlerContext) {
        if let timer {
            // A timer that fires too early is set again. So many batches share one timer.
            if timer.deadline <= deadline { return }
            timer.task.cancel()
        }
        setTimer(context)
    }

    /// Shortens the timeout if a call behind the first one has a shorter one.
    private func shorten(_ context: ChannelHandlerContext, from start: NIODeadline) {
        guard shortest < limit, let first = line.first, !first.mayBlock else { return }
        limit = shortest
        deadline = min(deadline, start + TimeAmount(limit))
        awaitDeadline(context)
    }

    private func setTimer(_ context: ChannelHandlerContext) {
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            timer = nil
            expect(queue.takeWritten(nextLook: .distantFuture), context)
            if .now() >= deadline {
                let message = "the server has been silent for \(limit.inWords)"
                end(context, RedisError(.timeout, message, effect: .unknown))
            } else if deadline != .distantFuture, timer == nil {
                setTimer(context)
            }
        }
        timer = (task, deadline)
        queue.look(at: deadline)
    }

    // MARK: The end

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, RedisError(transport: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context, RedisError(.connection, "the connection was lost", effect: .unknown))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(context, RedisError(.connection, "the connection was lost", effect: .unknown))
    }

    /// Ends the connection for a reason. What was written may have been carried out; nothing else was.
    private func end(_ context: ChannelHandlerContext, _ error: RedisError) {
        let reason = queue.end(error)
        line += queue.takeWritten().map(\.pending)
        let written = line
        line = []
        deadline = .distantFuture
        timer?.task.cancel()
        timer = nil
        for pending in written { pending.finish(.failure(reason.with(.unknown))) }
        context.close(promise: nil)
    }
}
