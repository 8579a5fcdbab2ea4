// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Synchronization

/// Decisions that wait for the next flush. A pure value.
package struct SettleQueue: Sendable {
    /// The most settlements of one flush.
    package static let maximumFlush = 4096
    /// The longest wait before a refused settlement is sent again.
    package static let longestPause = Duration.seconds(60)

    private var waiting: [Decision] = []
    private var deferred: [(due: Instant, decision: Decision)] = []
    package private(set) var isFinishing = false

    package init() {}

    /// Whether nothing waits, now or later.
    package var isEmpty: Bool { waiting.isEmpty && deferred.isEmpty }

    /// How many are to be sent now.
    package var count: Int { waiting.count }

    /// Adds a decision; returns whether the loop has to be woken.
    package mutating func put(_ decision: Decision) -> Bool {
        waiting.append(decision)
        return waiting.count == 1
    }

    /// Keeps a decision that was refused: for a second, and each time for twice as long, up to a minute.
    ///
    /// Returns whether observers are to be told: the first time, and then once a minute.
    package mutating func deferRefused(_ decision: Decision, now: Instant) -> Bool {
        var decision = decision
        let pause = min(Self.longestPause, .seconds(1 << min(Int(decision.refusals), 6)))
        let isNews = decision.refusals == 0 || pause == Self.longestPause
        decision.refusals = min(decision.refusals + 1, 6)
        deferred.append((now + pause, decision))
        return isNews
    }

    /// No more decisions will come; deferred ones are tried once more now.
    package mutating func finish(now: Instant) {
        isFinishing = true
        waiting.append(contentsOf: deferred.map(\.decision))
        deferred = []
    }

    /// Takes what is to be sent now.
    package mutating func take(now: Instant) -> [Decision] {
        if !deferred.isEmpty {
            waiting.append(contentsOf: deferred.filter { $0.due <= now }.map(\.decision))
            deferred.removeAll { $0.due <= now }
        }
        if waiting.count <= Self.maximumFlush {
            defer { waiting = [] }
            return waiting
        }
        let batch = Array(waiting.prefix(Self.maximumFlush))
        waiting.removeFirst(batch.count)
        return batch
    }

    /// How many decisions the provider has refused for now.
    package var refusedCount: Int { deferred.count }

    /// When the next deferred decision is due.
    package var nextDue: Instant { deferred.map(\.due).min() ?? .distantFuture }
}

/// Station 6 of 6, its inbox: lanes put decisions, one loop takes them.
final class SettleInbox: Sendable {
    private let queue = Mutex(SettleQueue())
    private let size = Atomic<Int>(0)
    let decisionSignal = WakeSignal()

    func put(_ decision: Decision) {
        let mustWake = queue.withLock { queue in
            defer { size.store(queue.count, ordering: .relaxed) }
            return queue.put(decision)
        }
        if mustWake { decisionSignal.raise() }
    }

    func deferRefused(_ decision: Decision, now: Instant) -> Bool {
        queue.withLock { $0.deferRefused(decision, now: now) }
    }

    var refusedCount: Int { queue.withLock { $0.refusedCount } }

    /// How many are to be sent now; read without the lock, so a moment old.
    var count: Int { size.load(ordering: .relaxed) }

    func finish(now: Instant) {
        queue.withLock { $0.finish(now: now) }
        decisionSignal.raise()
    }

    func take(now: Instant) -> (batch: [Decision], isFinishing: Bool, nextDue: Instant) {
        queue.withLock { queue in
            defer { size.store(queue.count, ordering: .relaxed) }
            return (queue.take(now: now), queue.isFinishing, queue.nextDue)
        }
    }
}
