// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Synchronization

/// Beside the line: tells when handlers block every thread of Swift's pool, so that nothing else of the process runs.
///
/// It asks every few seconds, and a task of the pool responds as soon as it gets a thread. The watch itself runs on the
/// engine's thread, which nobody blocks, and observers are told on a thread of their own.
final class PoolWatch: Sendable {
    private let registry: BrokerRegistry
    private let silence = Mutex(PoolSilence())
    private let isOver = Atomic(false)
    private let askSignal = WakeSignal()
    private let lookSignal = WakeSignal()

    init(registry: BrokerRegistry) {
        self.registry = registry
    }

    /// Adds the watch and the task that responds to it to a group. Does nothing without a thread of the engine's own.
    func run(in services: inout DiscardingTaskGroup) {
        guard let thread = registry.runtime.leaseExecutor as? EngineThread else { return }
        services.addTask(executorPreference: thread) { await self.look(on: thread) }
        services.addTask { await self.respond() }
    }

    /// Ends the watch.
    func end() {
        isOver.store(true, ordering: .releasing)
        askSignal.raise()
        lookSignal.raise()
    }

    private var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    private func look(on clock: EngineThread) async {
        while !hasEnded {
            let now = clock.now
            if let blocked = silence.withLock({ $0.look(now: now) }) { tell(blocked, now) }
            askSignal.raise()
            await lookSignal.wait(until: now + PoolSilence.patience, on: clock)
        }
    }

    private func respond() async {
        while !hasEnded {
            await askSignal.wait()
            let now = EngineThread.shared.now
            if let blocked = silence.withLock({ $0.noteResponse(now: now) }) {
                registry.observers.tell(.poolRecovered(after: blocked))
            }
        }
    }

    private func tell(_ blocked: Duration, _ now: Instant) {
        let consumers = registry.state.withLock { Array($0.consumers.values) }
        let handlers = RunningHandlers(consumers: consumers, now: now).all
        registry.observers.tellAside(.poolBlocked(for: blocked, handlers: Array(handlers.prefix(PoolSilence.named))))
    }
}

/// For how long the pool has not responded, and when that is reported: after ``patience``, and then each time after twice
/// as long. A pure value.
package struct PoolSilence: Sendable {
    /// After this long without a response the pool counts as blocked. A busy machine responds sooner.
    package static let patience = Duration.seconds(5)
    /// How many handlers are named as suspects.
    package static let named = 3

    private var asked: Instant?
    private var reports = 0

    package init() {}

    /// Looks for a response, and asks anew if there was one. Returns for how long there has been none, if that is to be
    /// reported now.
    package mutating func look(now: Instant) -> Duration? {
        guard let asked else {
            self.asked = now
            return nil
        }
        let silence = now - asked
        guard silence >= limit else { return nil }
        while silence >= limit, reports < 32 { reports += 1 }
        return silence
    }

    private var limit: Duration { Self.patience * (1 << reports) }

    /// Takes note of a response. Returns for how long there had been none, if that was reported.
    package mutating func noteResponse(now: Instant) -> Duration? {
        guard let asked else { return nil }
        let wasReported = reports > 0
        self = PoolSilence()
        return wasReported ? now - asked : nil
    }
}
