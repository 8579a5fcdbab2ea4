// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule

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
