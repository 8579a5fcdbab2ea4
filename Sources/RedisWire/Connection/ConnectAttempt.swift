// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The sockets that one attempt to connect has opened, so that a link that is closed leaves none behind.
///
/// One attempt may open several: a name can have many addresses, which are tried side by side. Each socket has a queue
/// of its own, so that one that leads nowhere does not end the one that is used.
final class ConnectAttempt: Sendable {
    private struct State {
        var sockets: [(channel: any Channel, queue: SubmissionQueue)] = []
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Takes a socket into the attempt; throws when the attempt has been given up.
    func add(_ channel: any Channel, _ queue: SubmissionQueue) throws(RedisError) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.sockets.append((channel, queue)) }
            return state.isCancelled
        }
        if isCancelled { throw Self.cancelled }
    }

    /// The queue of the socket that was connected; throws when the attempt has been given up.
    func queue(of channel: any Channel) throws(RedisError) -> SubmissionQueue {
        let socket = state.withLock { state in state.sockets.first { $0.channel === channel } }
        guard let socket else { throw Self.cancelled }
        return socket.queue
    }

    /// Closes every socket of the attempt, now and later.
    func cancel() {
        let sockets = state.withLock { state in
            defer { state = State(isCancelled: true) }
            return state.sockets
        }
        for socket in sockets { socket.channel.close(promise: nil) }
    }

    private static let cancelled = RedisError(.closed, "the attempt to connect was given up")
}
