// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Where the server changes: what connections find, and what a source says.
extension PushLink: AddressFollower {
    func open(_ number: Int, _ address: RedisAddress) {
        let address = state.withLock { state -> RedisAddress? in
            guard state.push.isAwaited(number) else { return nil }
            state.address = state.target ?? address
            return state.address
        }
        guard let address else { return }
        var options = options.server(at: address)
        options.provesPrimary = true
        open(number, options)
    }

    /// Tells the source how a connection or an attempt ended.
    func tell(_ address: RedisAddress, _ error: RedisError, isAttempt: Bool) {
        isAttempt
            ? source?.failed(address, isRefuted: error.isNoPrimary)
            : source?.doubt(address, because: error.message, isConnected: false)
    }

    package func leave(for address: RedisAddress, because error: RedisError) {
        let isElsewhere = state.withLock { state in
            state.target = address
            guard state.address != nil, state.address != address else { return false }
            state.address = nil
            return true
        }
        if isElsewhere { loop.execute { self.leave(because: error) } }
    }

    private func leave(because error: RedisError) {
        let channel = state.withLock { state in
            defer { state.channel = nil }
            return state.channel
        }
        channel?.close(promise: nil)
        if channel != nil { _ = receiver.take([.lost(error)]) }
        let isGap = change { state in
            let (step, isGap) = state.leave()
            return (step, isGap)
        }
        if isGap { logGap(error) }
    }
}
