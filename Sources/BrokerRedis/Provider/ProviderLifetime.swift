// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// How long a provider runs: until it is closed, or until its server turns out to be of no use.
final class ProviderLifetime: Sendable {
    private struct State {
        var isOver = false
        var refusal: BrokerError?
        var runners: [Int: WakeSignal] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// Why the server cannot be used, once that is known.
    var refusal: BrokerError? { state.withLock { $0.refusal } }

    /// Returns when the provider is closed or the task is cancelled.
    ///
    /// - Throws: why the server cannot be used, once that is known.
    func run() async throws {
        let signal = WakeSignal()
        let number = state.withLock { state in
            state.lastNumber += 1
            state.runners[state.lastNumber] = signal
            return state.lastNumber
        }
        defer { state.withLock { $0.runners[number] = nil } }
        while true {
            let (isOver, refusal) = state.withLock { ($0.isOver, $0.refusal) }
            if let refusal { throw refusal }
            if isOver || Task.isCancelled { return }
            await signal.waitUnlessCancelled()
        }
    }

    /// Ends every run with this error.
    func refuse(_ error: BrokerError) {
        change { $0.refusal = error }
    }

    /// Ends every run.
    func end() {
        change { $0.isOver = true }
    }

    private func change(_ body: (inout State) -> Void) {
        let runners = state.withLock { state in
            body(&state)
            return Array(state.runners.values)
        }
        for runner in runners { runner.raise() }
    }
}
