// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The tasks of one process on virtual time: they can be frozen together, as by SIGSTOP, and go on later.
///
/// While they are frozen their clocks go on, as clocks do: what has become due meanwhile is found due all at once. Must
/// outlive the tasks that prefer it.
package final class FreezableExecutor: TaskExecutor {
    private struct State {
        var isFrozen = false
        var held: [UnownedJob] = []
    }

    private let base: VirtualExecutor
    private let state = Mutex(State())

    package init(_ base: VirtualExecutor) {
        self.base = base
    }

    package var isFrozen: Bool { state.withLock { $0.isFrozen } }

    /// Passes a job on, or keeps it while everything is frozen; called by the runtime.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isHeld = state.withLock { state in
            if state.isFrozen { state.held.append(job) }
            return state.isFrozen
        }
        if !isHeld { base.enqueue(job, as: asUnownedTaskExecutor()) }
    }

    /// Lets nothing run from now on, but what is ready already.
    package func freeze() {
        state.withLock { $0.isFrozen = true }
    }

    /// Lets everything go on.
    package func thaw() {
        let held = state.withLock { state in
            state.isFrozen = false
            defer { state.held = [] }
            return state.held
        }
        for job in held { base.enqueue(job, as: asUnownedTaskExecutor()) }
    }
}
