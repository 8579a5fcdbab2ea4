// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Synchronization

/// A log of handlers: which payload began and ended when, at which attempt, and how many ran at once.
final class HandlerLog: Sendable {
    struct Run: Sendable {
        var payload: String
        var attempt: Int
        var began: Instant
        var ended: Instant?
        var wasCancelled = false
    }

    private let state = Mutex((runs: [Run](), running: 0, most: 0))
    private let time: TimeControl

    init(_ bench: ConformanceBench) { time = bench.time }

    var runs: [Run] { state.withLock { $0.runs } }
    var ended: [Run] { runs.filter { $0.ended != nil } }
    /// The most handlers that ran at once.
    var most: Int { state.withLock { $0.most } }

    /// Records a handler. Its error is thrown on.
    func note(_ delivery: Delivery, _ work: () async throws -> Void) async throws {
        let number = begin(Run(payload: delivery.message.payload.string, attempt: delivery.attempt, began: time.now))
        defer { end(number) }
        try await work()
    }

    private func begin(_ run: Run) -> Int {
        state.withLock { state in
            state.runs.append(run)
            state.running += 1
            state.most = max(state.most, state.running)
            return state.runs.count - 1
        }
    }

    private func end(_ number: Int) {
        let (now, isCancelled) = (time.now, Task.isCancelled)
        state.withLock { state in
            state.runs[number].ended = now
            state.runs[number].wasCancelled = isCancelled
            state.running -= 1
        }
    }
}

/// What a handler of a check throws.
struct HandlerFailure: Error {}
