// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Which letters of this run have arrived, and which traces they had on their way.
final class PostBook: Sendable {
    struct Counts: Sendable {
        var published = 0
        fileprivate var traces: [Int: Set<String>] = [:]
        fileprivate var arrived: Set<Int> = []

        var delivered: Int { arrived.count }
        /// Letters that had one trace id wherever they were seen.
        var traced: Int { arrived.count { traces[$0]?.count == 1 } }
        var isComplete: Bool { delivered == published }
    }

    private let counts = Mutex(Counts())
    private let complete: @Sendable () -> Void

    /// Calls `complete` once every letter has arrived.
    init(complete: @escaping @Sendable () -> Void) {
        self.complete = complete
    }

    var current: Counts { counts.withLock { $0 } }

    /// Says how many letters there will be.
    func expect(_ count: Int) {
        counts.withLock { $0.published = count }
        if count == 0 { complete() }
    }

    /// Notes under which trace a letter was seen; one that is not of this run is none of its.
    func note(_ number: Int, trace: String?) {
        counts.withLock { _ = $0.traces[number, default: []].insert(trace ?? "none") }
    }

    /// Notes that a letter has arrived.
    func deliver(_ letter: Letter) {
        let isComplete = counts.withLock { counts in
            if letter.number <= counts.published { counts.arrived.insert(letter.number) }
            return counts.isComplete
        }
        if isComplete { complete() }
    }
}
