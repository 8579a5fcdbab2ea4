// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// One connection to a server: commands go in from any thread, replies come out in order.
///
/// A call has two halves. `submit` is synchronous and takes a place in the pipeline; awaiting what it returns is the
/// other half. So two batches can be in flight without a task, and the order of the calls is the order on the server.
/// A connection that broke stays broken; ``RedisLink`` makes new ones.
package final class RedisConnection: Sendable {
    /// How much longer than its BLOCK a read may stay away before the server is taken for dead.
    package static let watchdogMargin: Duration = .seconds(2)

    private let channel: any Channel
    private let queue: SubmissionQueue
    private let observer: (@Sendable (RedisCommands) -> Void)?
    let commandTimeout: Duration

    init(channel: any Channel, queue: SubmissionQueue, _ options: RedisOptions) {
        self.channel = channel
        self.queue = queue
        observer = options.observer
        commandTimeout = options.commandTimeout
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Whether the connection takes commands.
    package var isOpen: Bool { queue.end == nil }

    /// Why it does not; `nil` while it does.
    package var failure: RedisError? { queue.end }

    /// Sends commands; they have their place in the pipeline when this returns.
    ///
    /// - Parameter blocking: how long the server may take by request (BLOCK); the timeout is then that and two seconds.
    /// - Throws: ``RedisError/Code/overloaded`` above the bound in bytes, or why the connection ended; nothing was sent.
    package func submit(
        _ commands: RedisCommands, blocking: Duration? = nil
    ) throws(RedisError) -> PendingReplies {
        guard let blocking else { return try submit(commands, timeout: commandTimeout) }
        return try submit(commands, timeout: blocking + Self.watchdogMargin, mayBlock: true)
    }

    /// Sends commands whose answer is worth waiting for so long, and no longer, whatever stands before them in the
    /// pipeline but a read that blocks.
    package func submit(_ commands: RedisCommands, timeout: Duration) throws(RedisError) -> PendingReplies {
        try submit(commands, timeout: timeout, mayBlock: false)
    }

    private func submit(
        _ commands: RedisCommands, timeout: Duration, mayBlock: Bool
    ) throws(RedisError) -> PendingReplies {
        precondition(commands.count > 0 && commands.isWhole, "what is submitted is at least one whole command")
        observer?(commands)
        let pending = PendingReplies(
            count: commands.count, byteCount: commands.byteCount, timeout: min(timeout, .seconds(86_400)),
            mayBlock: mayBlock)
        switch queue.admit(.init(bytes: commands.bytes, pending: pending)) {
        case .flush: channel.flush()
        case .sharesFlush: break
        case .refused(let error): throw error
        }
        return pending
    }

    /// Sends commands and waits for their replies.
    package func send(_ commands: RedisCommands) async throws(RedisError) -> RedisReplies {
        try await submit(commands).replies()
    }

    /// Closes the connection; what waits for an answer ends with ``RedisError/Code/closed``, its outcome unknown.
    package func close() async {
        queue.end(RedisError(.closed, "the connection has been closed"))
        channel.close(promise: nil)
        _ = await Result.catching { () async throws in try await channel.closeFuture.get() }
    }

    /// Waits until the connection has ended; for those who keep one in good order.
    package func waitUntilEnded() async {
        _ = await Result.catching { () async throws in try await channel.closeFuture.get() }
    }
}

extension RedisConnection {
    /// The first half of a call of scripts: sent by digest, it has its place in the pipeline when this returns.
    ///
    /// - Parameter timeout: How long the server may be silent; by default as long as with any command.
    package func submit(_ calls: ScriptCalls, timeout: Duration? = nil) throws(RedisError) -> PendingScripts {
        let timeout = timeout ?? commandTimeout
        let pending = try submit(calls.commandsByDigest(), timeout: timeout)
        return PendingScripts(connection: self, calls: calls, timeout: timeout, pending: pending)
    }

    /// Calls scripts and waits for their replies.
    package func run(_ calls: ScriptCalls, timeout: Duration? = nil) async throws(RedisError) -> [RedisReply] {
        try await submit(calls, timeout: timeout).replies()
    }
}

/// The second half of a call of scripts.
package struct PendingScripts: Sendable {
    let connection: RedisConnection
    let calls: ScriptCalls
    let timeout: Duration
    let pending: PendingReplies

    /// Waits for the replies, one for each call, in the order of the calls.
    ///
    /// Calls of scripts that the server has forgotten did not run; they are sent once more, by text and in their order,
    /// but behind what was submitted meanwhile. If that cannot be done, the calls that had run keep their replies and
    /// the whole throws with an unknown outcome.
    package func replies() async throws(RedisError) -> [RedisReply] {
        var replies = Array(try await pending.replies())
        let forgotten = replies.indices.filter { replies[$0].error?.reaction == .reloadScript }
        if forgotten.isEmpty { return replies }
        let again: RedisReplies
        do {
            again = try await connection.submit(calls.commandsByText(forgotten), timeout: timeout).replies()
        } catch {
            throw forgotten.count == replies.count ? error : error.with(.unknown)
        }
        for (position, reply) in zip(forgotten, again) { replies[position] = reply }
        return replies
    }
}

extension Result where Failure == any Error {
    /// Runs `body` and keeps what comes of it: NIO's futures throw anything, our functions one type.
    static func catching(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
