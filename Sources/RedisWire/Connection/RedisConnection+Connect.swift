// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

extension RedisConnection {
    /// Makes a connection: resolves the name anew, connects, encrypts, then AUTH before anything else, SELECT, the name
    /// of the client, and a PING, so that what it answers is a server that works.
    ///
    /// - Parameter context: what `rediss://` needs, made once by ``TLSOptions``.
    /// - Throws: why there is no connection, also when the task was cancelled; nothing was applied.
    static func connect(
        _ options: RedisOptions, context: NIOSSLContext?
    ) async throws(RedisError) -> RedisConnection {
        let attempt = ConnectAttempt()
        let result: Result<RedisConnection, any Error> = await withTaskCancellationHandler {
            await .catching { try await connect(options, context, attempt) }
        } onCancel: {
            attempt.cancel()
        }
        switch result {
        case .success(let connection): return connection
        case .failure(let error): throw RedisError(transport: error).with(.notApplied)
        }
    }

    private static func connect(
        _ options: RedisOptions, _ context: NIOSSLContext?, _ attempt: ConnectAttempt
    ) async throws -> RedisConnection {
        let start = NIODeadline.now()
        let bootstrap = ClientBootstrap.make(options) { channel in
            let queue = SubmissionQueue(bound: options.byteBound)
            try attempt.add(channel, queue)
            try fill(channel.pipeline.syncOperations, options, context, queue)
        }
        let channel = try await bootstrap.connect(to: options.url.address).get()
        let queue = try attempt.queue(of: channel)
        let connection = RedisConnection(channel: channel, queue: queue, commandTimeout: options.commandTimeout)
        let left = TimeAmount(options.connectTimeout) - (.now() - start)
        do {
            try await connection.introduce(options, within: max(Duration(left), .milliseconds(1)))
        } catch {
            await connection.close()
            throw error.asGreeting(isEncrypted: context != nil)
        }
        return connection
    }

    private static func fill(
        _ pipeline: ChannelPipeline.SynchronousOperations, _ options: RedisOptions, _ context: NIOSSLContext?,
        _ queue: SubmissionQueue
    ) throws {
        if let context { try pipeline.addHandler(TLSHandler.make(options, context)) }
        guard let reader = ReplyReader(limits: options.limits) else {
            throw RedisError(.connection, "no memory for a connection")
        }
        try pipeline.addHandler(ReplyHandler(queue: queue, reader: reader))
    }

    private func introduce(_ options: RedisOptions, within limit: Duration) async throws(RedisError) {
        if let password = options.url.password {
            var auth = RedisCommands()
            auth.begin(options.url.username == nil ? 2 : 3, "AUTH")
            if let username = options.url.username { auth.add(username) }
            auth.add(password.value)
            // On its own: were it refused, nothing may run as the server's default user.
            _ = try await submit(auth, timeout: limit).reply()
        }
        var commands = RedisCommands()
        commands.begin(2, "SELECT")
        commands.add(options.url.database ?? 0)
        commands.begin(3, "CLIENT")
        commands.add("SETNAME")
        commands.add(options.clientName)
        commands.begin(1, "PING")
        let replies = try await submit(commands, timeout: limit).replies()
        if let error = replies[0]?.error { throw RedisError(error) }
        // A user may be forbidden to name itself or to ping; that says that the server works.
        if let error = replies[2]?.error, !error.text.hasPrefix("NOPERM") { throw RedisError(error) }
    }
}

extension RedisError {
    /// The same error for the first words on a connection, which fail in these ways when one side speaks TLS alone.
    func asGreeting(isEncrypted: Bool) -> RedisError {
        var error = self
        switch code {
        case .timeout where isEncrypted: error.message += "; is this the port that speaks TLS (rediss://)?"
        case .connection where !isEncrypted, .malformedReply where !isEncrypted:
            error.message += "; if this port speaks TLS, write rediss://"
        default: break
        }
        return error
    }
}
