// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

extension RedisConnection {
    /// Makes a connection: resolves the name again, connects, encrypts, sends AUTH before anything else, then SELECT,
    /// the name of the client, and a PING, which proves that the server works.
    ///
    /// It lives on event loops, so it does not end with the task of a caller. It fails within the connect timeout; then
    /// nothing was applied.
    ///
    /// - Parameters:
    ///   - options: Where to connect and how.
    ///   - context: The TLS context that `rediss://` needs, made once by ``TLSOptions``.
    ///   - attempt: The attempt, which can be cancelled.
    static func connect(
        _ options: RedisOptions, context: NIOSSLContext?, _ attempt: ConnectAttempt
    ) -> EventLoopFuture<RedisConnection> {
        let deadline = NIODeadline.now() + TimeAmount(options.connectTimeout)
        let bootstrap = ClientBootstrap.make(options) { channel in
            let queue = SubmissionQueue(bound: options.byteBound)
            try attempt.add(channel, queue)
            try fill(channel.pipeline.syncOperations, options, context, queue)
        }
        return bootstrap.connect(options).flatMap { channel in
            channel.eventLoop.makeCompletedFuture {
                RedisConnection(
                    channel: channel, queue: try attempt.queue(of: channel), options, notice: attempt.notice)
            }.flatMap { connection in
                connection.handshake(options, until: deadline, on: channel.eventLoop)
                    .map { connection }
                    .flatMapErrorThrowing { error in
                        channel.close(promise: nil)
                        throw error
                    }
            }
        }.flatMapErrorThrowing { error in throw RedisError(connecting: error, to: options.url) }
    }

    private static func fill(
        _ pipeline: ChannelPipeline.SynchronousOperations, _ options: RedisOptions, _ context: NIOSSLContext?,
        _ queue: SubmissionQueue
    ) throws {
        if let context { try pipeline.addHandler(TLSHandler.make(options, context)) }
        guard let reader = ReplyReader(limits: options.limits) else {
            throw RedisError(.connection, "no memory for a connection")
        }
        try pipeline.addHandler(ReplyHandler(queue: queue, reader: reader, callersMayWrite: context == nil))
    }

    private func handshake(
        _ options: RedisOptions, until deadline: NIODeadline, on loop: any EventLoop
    ) -> EventLoopFuture<Void> {
        authenticate(options, until: deadline, on: loop).flatMap { [self] in
            var commands = RedisCommands()
            commands.begin(2, "SELECT", for: .anyNode)
            commands.add(options.url.database ?? 0)
            commands.begin(3, "CLIENT", for: .anyNode)
            commands.add("SETNAME")
            commands.add(options.clientName)
            commands.begin(1, "PING", for: .anyNode)
            if options.provesPrimary { PrimaryProof.addQuestion(to: &commands) }
            return send(commands, until: deadline, on: loop)
        }.flatMapThrowing { replies in
            let verdict = options.provesPrimary ? PrimaryProof.verdict(role: replies[3]) : .primary
            // A replica may also refuse the rest, which tells less.
            if case .no(let role) = verdict { throw RedisError.noPrimary(role, at: options.url) }
            if let error = replies[0]?.error { throw RedisError(error) }
            // A user may lack the right to PING; that reply proves that the server works, too.
            if let error = replies[2]?.error, !error.text.hasPrefix("NOPERM") { throw RedisError(error) }
            return verdict
        }.flatMap { [self] verdict in prove(verdict, options, until: deadline, on: loop) }
    }

    /// Ends the handshake by the proof that the server is a primary; asks another way where the first is forbidden.
    private func prove(
        _ verdict: PrimaryProof.Verdict, _ options: RedisOptions, until deadline: NIODeadline, on loop: any EventLoop
    ) -> EventLoopFuture<Void> {
        guard case .refused = verdict else { return loop.makeSucceededVoidFuture() }
        return send(PrimaryProof.otherQuestion, until: deadline, on: loop).flatMapThrowing { replies in
            switch PrimaryProof.verdict(info: replies[0]) {
            case .primary: break
            case .no(let role): throw RedisError.noPrimary(role, at: options.url)
            case .refused(let error): throw RedisError.unprovable(error, at: options.url)
            }
        }
    }

    private func authenticate(
        _ options: RedisOptions, until deadline: NIODeadline, on loop: any EventLoop
    ) -> EventLoopFuture<Void> {
        guard let password = options.url.password else { return loop.makeSucceededVoidFuture() }
        var auth = RedisCommands()
        auth.begin(options.url.username == nil ? 2 : 3, "AUTH", for: .anyNode)
        if let username = options.url.username { auth.add(username) }
        auth.add(password.value)
        // Sent alone: if it is refused, nothing may run as the server's default user.
        return send(auth, until: deadline, on: loop).flatMapThrowing { replies in
            if let error = replies[0]?.error { throw RedisError(error) }
        }
    }

    private func send(
        _ commands: RedisCommands, until deadline: NIODeadline, on loop: any EventLoop
    ) -> EventLoopFuture<RedisReplies> {
        let promise = loop.makePromise(of: RedisReplies.self)
        do throws(RedisError) {
            let left = max(Duration(deadline - .now()), .milliseconds(1))
            let pending = try submit(commands, timeout: left)
            pending.whenDone { if let outcome = pending.outcome { promise.completeWith(outcome.mapError { $0 }) } }
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }
}

/// The sockets that one attempt to connect has opened, so that closing a link leaves none behind.
///
/// One attempt may open several sockets: a name can have several addresses, which are tried in parallel. Each socket
/// has its own queue, so a failed one does not end the one that is used.
final class ConnectAttempt: Sendable {
    private struct State {
        var sockets: [(channel: any Channel, queue: SubmissionQueue)] = []
        var isCancelled = false
        var address: RedisAddress?
    }

    /// Where it leads, once that is known.
    var address: RedisAddress? {
        get { state.withLock { $0.address } }
        set { state.withLock { $0.address = newValue } }
    }

    /// Is told of error replies on the connection that is made.
    let notice: (@Sendable (ServerError) -> Void)?
    private let state = Mutex(State())

    init(notice: (@Sendable (ServerError) -> Void)? = nil) {
        self.notice = notice
    }

    /// Adds a socket; throws if the attempt has been cancelled.
    func add(_ channel: any Channel, _ queue: SubmissionQueue) throws(RedisError) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.sockets.append((channel, queue)) }
            return state.isCancelled
        }
        if isCancelled { throw Self.cancelled }
    }

    /// Whether somebody has accepted the connection.
    var isConnected: Bool { state.withLock { $0.sockets.contains { $0.channel.isActive } } }

    /// Returns the queue of the socket that was connected; throws if the attempt has been cancelled.
    func queue(of channel: any Channel) throws(RedisError) -> SubmissionQueue {
        let socket = state.withLock { state in state.sockets.first { $0.channel === channel } }
        guard let socket else { throw Self.cancelled }
        return socket.queue
    }

    /// Closes every socket of the attempt, now and later.
    func cancel() {
        let sockets = state.withLock { state in
            defer { state = State(isCancelled: true, address: state.address) }
            return state.sockets
        }
        for socket in sockets { socket.channel.close(promise: nil) }
    }

    private static let cancelled = RedisError(.closed, "the attempt to connect was given up")
}
