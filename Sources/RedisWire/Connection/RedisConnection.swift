// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// One connection to a server, or to a cluster: commands go in from any thread, replies come out in order.
///
/// A call has two halves. `submit` is synchronous and takes a place in the pipeline; awaiting its result is the other
/// half. So two batches can be in flight without a task, and the order of the calls is the order on the server. A
/// broken connection stays broken; ``RedisLink`` makes a new one.
///
/// A connection to a cluster sends each command to the node that it is for, and follows the nodes when they refuse it. It
/// never breaks: a node that cannot be reached leaves an error in the place of its replies only. Batches that are in
/// flight together may be applied in another order than they were submitted in.
package final class RedisConnection: Sendable {
    /// How much longer than its BLOCK a read may take before the server counts as dead.
    package static let watchdogMargin: Duration = .seconds(2)

    /// What it leads to. Closed by design.
    private enum Peer {
        case server(any Channel, SubmissionQueue)
        case cluster(ClusterLine)
    }

    private let peer: Peer
    private let observer: (any RedisObserver)?
    let commandTimeout: Duration
    /// Where it leads; `nil` for a cluster.
    package let address: RedisAddress?
    private let notice: (@Sendable (ServerError) -> Void)?

    /// Makes a connection. `notice` is told of error replies that may mean that it leads to the wrong server.
    init(
        channel: any Channel, queue: SubmissionQueue, _ options: RedisOptions,
        notice: (@Sendable (ServerError) -> Void)?
    ) {
        peer = .server(channel, queue)
        observer = options.observer
        commandTimeout = options.commandTimeout
        address = options.url.place.server
        self.notice = notice
    }

    /// Makes a connection to a cluster.
    init(_ cluster: ClusterLine, _ options: RedisOptions) {
        peer = .cluster(cluster)
        observer = options.observer
        commandTimeout = options.commandTimeout
        address = nil
        notice = nil
    }

    deinit {
        if case .server(let channel, _) = peer { channel.close(promise: nil) }
    }

    /// Whether the connection takes commands.
    package var isOpen: Bool { failure == nil }

    /// Why it takes none; `nil` while it is open.
    package var failure: RedisError? {
        switch peer {
        case .server(_, let queue): queue.end
        case .cluster(let line): line.end
        }
    }

    /// Whether no call waits for a reply.
    var isIdle: Bool {
        if case .server(_, let queue) = peer { queue.isEmpty } else { false }
    }

    /// The cluster that it leads to, if it leads to one.
    var cluster: ClusterLine? {
        if case .cluster(let line) = peer { line } else { nil }
    }

    /// Sends commands; they have their place in the pipeline when this returns.
    ///
    /// - Parameters:
    ///   - commands: The commands, at least one.
    ///   - blocking: How long the server may wait by request (BLOCK); the timeout is this plus two seconds.
    /// - Returns: the replies, to be awaited.
    /// - Throws: ``RedisError/Code/overloaded`` above the bound in bytes, or why the connection ended; nothing was
    ///   sent.
    package func submit(
        _ commands: RedisCommands, blocking: Duration? = nil
    ) throws(RedisError) -> PendingReplies {
        guard let blocking else { return try submit(commands, timeout: commandTimeout) }
        return try submit(commands, timeout: blocking + Self.watchdogMargin, mayBlock: true)
    }

    /// Sends commands with a timeout of their own, which also holds while they wait behind other commands, but not
    /// behind a read that blocks.
    ///
    /// - Parameter patience: How long what a cluster has certainly not carried out is sent again; by default as long as
    ///   the timeout. One server has carried out, or refused, what it was sent.
    package func submit(
        _ commands: RedisCommands, timeout: Duration, patience: Duration? = nil
    ) throws(RedisError) -> PendingReplies {
        try submit(commands, timeout: timeout, patience: patience, mayBlock: false)
    }

    private func submit(
        _ commands: RedisCommands, timeout: Duration, patience: Duration? = nil, mayBlock: Bool
    ) throws(RedisError) -> PendingReplies {
        precondition(commands.count > 0 && commands.isWhole, "what is submitted is at least one whole command")
        observer?.willSend(commands)
        let timeout = min(timeout, .seconds(86_400))
        if let cluster {
            return try cluster.submit(commands, timeout: timeout, patience: patience, mayBlock: mayBlock)
        }
        return try submit(encoded: commands.bytes, count: commands.count, timeout: timeout, mayBlock: mayBlock)
    }

    /// Sends bytes of commands to the server.
    ///
    /// - Parameter count: The number of replies to them.
    func submit(
        encoded bytes: ByteBuffer, count: Int, timeout: Duration, mayBlock: Bool
    ) throws(RedisError) -> PendingReplies {
        guard case .server(let channel, let queue) = peer else {
            preconditionFailure("bytes without routes are sent to a server")
        }
        let pending = PendingReplies(
            count: count, byteCount: bytes.readableBytes, timeout: timeout, mayBlock: mayBlock)
        switch queue.admit(.init(bytes: bytes, pending: pending)) {
        case .taken(let step): if queue.carryOut(step) { channel.flush() }
        case .refused(let error): throw error
        }
        return pending
    }

    /// Sends commands and waits for their replies.
    package func send(_ commands: RedisCommands) async throws(RedisError) -> RedisReplies {
        try await submit(commands).replies()
    }

    /// Closes the connection. Calls that wait for a reply end with ``RedisError/Code/closed``; their effect is unknown.
    package func close() async {
        if let cluster { return await cluster.close() }
        end()
        await waitUntilEnded()
    }

    /// Takes note of an error reply to a command. A connection that leads to the wrong server is closed, and whatever
    /// waits for a reply has an unknown effect. The connection to a cluster stays, and the map is asked for.
    package func react(to error: ServerError) {
        guard error.reaction == .reconnect else { return notice?(error) ?? () }
        if let cluster { cluster.cluster.doubt(isUrgent: false) } else { end(because: RedisError(error)) }
    }

    /// Closes the connection to a server at once, for this reason. What was sent has an unknown effect.
    func end(because error: RedisError = RedisError(.closed, "the connection has been closed")) {
        guard case .server(let channel, let queue) = peer else { return }
        queue.end(error)
        channel.close(promise: nil)
    }

    /// Calls `body` when the connection to a server has ended, on its event loop.
    func whenEnded(_ body: @escaping @Sendable () -> Void) {
        guard case .server(let channel, _) = peer else { return }
        channel.closeFuture.whenComplete { _ in body() }
    }

    /// Waits until the connection to a server has ended; one to a cluster does not end.
    package func waitUntilEnded() async {
        guard case .server(let channel, _) = peer else { return }
        _ = await Result.catching { () async throws in try await channel.closeFuture.get() }
    }
}

extension RedisConnection {
    /// Sends calls of scripts by digest; they have their place in the pipeline when this returns.
    ///
    /// - Parameters:
    ///   - calls: The calls, at least one.
    ///   - timeout: How long the server may be silent; by default the command timeout.
    ///   - patience: How long what a cluster has certainly not carried out is sent again; by default as long.
    /// - Returns: the replies, to be awaited.
    /// - Throws: why nothing was sent.
    package func submit(
        _ calls: ScriptCalls, timeout: Duration? = nil, patience: Duration? = nil
    ) throws(RedisError) -> PendingScripts {
        let timeout = timeout ?? commandTimeout
        let pending = try submit(calls.commandsByDigest(), timeout: timeout, patience: patience)
        return PendingScripts(connection: self, calls: calls, timeout: timeout, pending: pending)
    }

    /// Calls scripts and waits for their replies, one for each call in order.
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

    /// The connection to a node of a cluster that carried the calls for the slot of a key; `nil` with one server.
    package func carrier(of key: String) -> RedisConnection? { pending.carrier(of: key) }

    /// Waits for the replies, one for each call, in the order of the calls.
    ///
    /// Calls of scripts that the server has forgotten did not run. They are sent once more, by text and in their order,
    /// but behind everything that was submitted meanwhile. If that fails after other calls have run, this throws an
    /// error whose effect is unknown.
    package func replies() async throws(RedisError) -> [RedisReply] {
        var replies = Array(try await pending.replies())
        let forgotten = replies.indices.filter { replies[$0].error?.reaction == .reloadScript }
        if forgotten.isEmpty { return replies }
        let again: RedisReplies
        do {
            let second = try connection.submit(calls.commandsByText(forgotten), timeout: timeout)
            again = try await second.replies()
            pending.takeCarriers(of: second)
        } catch {
            throw forgotten.count == replies.count ? error : error.with(.unknown)
        }
        for (position, reply) in zip(forgotten, again) { replies[position] = reply }
        return replies
    }
}

extension Result where Failure == any Error {
    /// Runs `body` and returns its result: NIO's futures throw any error, our functions one type.
    static func catching(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
