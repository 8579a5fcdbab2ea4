// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import Synchronization

/// A task executor whose jobs run only when a test runs them, on the thread of the test.
///
/// Tasks that prefer this executor run one at a time. Without a seed they run in the order in which they became ready,
/// so every run of a test is the same.
public final class VirtualExecutor: TaskExecutor {
    private let queue: Mutex<RunQueue>

    /// Makes an executor. With a seed, the order of ready jobs is random.
    public init(seed: UInt64? = nil) {
        queue = Mutex(RunQueue(seed: seed))
    }

    /// Whether no job is ready.
    public var isIdle: Bool { queue.withLock { $0.isEmpty } }

    /// Adds a job. The runtime calls it, from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job), as: asUnownedTaskExecutor())
    }

    /// Adds a job of another executor, which lets this one decide when its jobs run. That executor must outlive the
    /// job.
    func enqueue(_ job: UnownedJob, as executor: UnownedTaskExecutor) {
        queue.withLock { $0.append(job, executor) }
    }

    /// Runs ready jobs, and those that they make ready, until there are none or `limit` have run. Returns how many ran.
    ///
    /// Only one caller at a time is allowed, since two would run tasks in parallel.
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

/// The jobs that wait for a ``VirtualExecutor``. It decides which job runs next.
///
/// Without a seed it is the oldest job. With a seed it is a random one, so that a simulation meets many orders and can
/// repeat each.
struct RunQueue {
    /// A job, and the executor that it runs on.
    typealias Entry = (job: UnownedJob, executor: UnownedTaskExecutor)

    private var jobs = Deque<Entry>()
    private var generator: SeededGenerator?

    init(seed: UInt64?) {
        generator = seed.map(SeededGenerator.init(seed:))
    }

    var isEmpty: Bool { jobs.isEmpty }

    mutating func append(_ job: UnownedJob, _ executor: UnownedTaskExecutor) {
        jobs.append((job, executor))
    }

    mutating func take() -> Entry? {
        guard !jobs.isEmpty else { return nil }
        guard generator != nil else { return jobs.removeFirst() }
        let index = generator?.next(upperBound: UInt64(jobs.count)) ?? 0
        return jobs.remove(at: Int(index))
    }
}

/// Runs the tasks of one process on virtual time. They can be frozen together, as by SIGSTOP, and go on later.
///
/// While they are frozen, their clocks go on, so that everything that became due meanwhile is due at once. It must
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

    /// Passes a job on, or keeps it while everything is frozen. The runtime calls it.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isHeld = state.withLock { state in
            if state.isFrozen { state.held.append(job) }
            return state.isFrozen
        }
        if !isHeld { base.enqueue(job, as: asUnownedTaskExecutor()) }
    }

    /// Lets nothing run from now on, except jobs that are ready already.
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
