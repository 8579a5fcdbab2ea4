// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The sockets that one attempt to connect has opened, so that a cancelled caller need not wait for its timeout.
///
/// One attempt may open several: a name can have many addresses, which are tried side by side.
final class ConnectAttempt: Sendable {
    private struct State {
        var channels: [any Channel] = []
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Takes a socket into the attempt; throws when the attempt has been given up.
    func add(_ channel: any Channel) throws(RedisError) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.channels.append(channel) }
            return state.isCancelled
        }
        if isCancelled { throw Self.cancelled }
    }

    /// Closes every socket of the attempt, now and later.
    func cancel() {
        let channels = state.withLock { state in
            defer { state = State(isCancelled: true) }
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }

    static let cancelled = RedisError(.closed, "the caller was cancelled while there was no connection")
}
