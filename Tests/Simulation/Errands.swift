// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Synchronization

/// Tasks that outlive what starts them: processes, publishers, and deliveries that are kept after their handler.
final class Errands: Sendable {
    typealias Errand = @Sendable () async -> Void

    private struct State {
        var waiting: [(executor: FreezableExecutor?, errand: Errand)] = []
        var open = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let signal = WakeSignal()

    /// How many have begun or will, and have not ended.
    var open: Int { state.withLock { $0.open } }

    /// Adds one of the world, or of the process whose executor that is.
    func add(on executor: FreezableExecutor? = nil, _ errand: @escaping Errand) {
        state.withLock { state in
            state.open += 1
            state.waiting.append((executor, errand))
        }
        signal.raise()
    }

    /// Nothing more will be added.
    func finish() {
        state.withLock { $0.isFinished = true }
        signal.raise()
    }

    /// Runs everything that is added until it is finished; returns when all have ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            while true {
                let (errands, isFinished) = state.withLock { state in
                    defer { state.waiting = [] }
                    return (state.waiting, state.isFinished)
                }
                for (executor, errand) in errands {
                    let work: Errand = {
                        await errand()
                        self.state.withLock { $0.open -= 1 }
                    }
                    if let executor {
                        group.addTask(executorPreference: executor) { await work() }
                    } else {
                        group.addTask { await work() }
                    }
                }
                if isFinished, errands.isEmpty { return }
                if errands.isEmpty { await signal.wait() }
            }
        }
    }
}
