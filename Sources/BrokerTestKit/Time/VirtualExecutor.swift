// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A task executor whose jobs run only when a test asks for it, on the thread that asks.
///
/// Tasks that prefer this executor run one at a time. Without a seed they run in the order in which they became ready,
/// so a test that uses nothing else does the same in every run.
public final class VirtualExecutor: TaskExecutor {
    private let queue: Mutex<RunQueue>

    /// Makes an executor; with a `seed` the order of ready jobs is drawn from it.
    public init(seed: UInt64? = nil) {
        queue = Mutex(RunQueue(seed: seed))
    }

    /// Whether no job is ready.
    public var isIdle: Bool { queue.withLock { $0.isEmpty } }

    /// Keeps a job until it is asked for; called by the runtime, from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job), as: asUnownedTaskExecutor())
    }

    /// Keeps a job of another executor, which leaves to this one when its jobs run. It must outlive the job.
    func enqueue(_ job: UnownedJob, as executor: UnownedTaskExecutor) {
        queue.withLock { $0.append(job, executor) }
    }

    /// Runs ready jobs, and those that they make ready, until there are none or `limit` have run; returns how many ran.
    ///
    /// One caller at a time: two would run tasks side by side.
    @discardableResult
    public func runUntilIdle(atMost limit: Int = .max) -> Int {
        var count = 0
        while count < limit, let (job, executor) = queue.withLock({ $0.take() }) {
            job.runSynchronously(on: executor)
            count += 1
        }
        return count
    }
}
