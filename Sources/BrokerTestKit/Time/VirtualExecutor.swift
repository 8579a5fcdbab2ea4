// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
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

/// The jobs that wait for a ``VirtualExecutor``, and the one place that decides which runs next.
///
/// Without a seed the oldest job is next. With a seed a generator draws one, so that a simulation meets many orders
/// and can repeat each of them.
struct RunQueue {
    /// A job, and the executor as which it runs.
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
