// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Synchronization

/// Beside the line: tells when handlers block every thread of Swift's pool, so that nothing else of the process runs.
///
/// It asks every few seconds, and a task of the pool answers as soon as it gets a thread. The watch itself runs on the
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

    /// Adds the watch and the task that answers it to a group; without a thread that lives on there is nothing to tell.
    func run(in services: inout DiscardingTaskGroup) {
        guard let thread = registry.runtime.leaseExecutor as? EngineThread else { return }
        services.addTask(executorPreference: thread) { await self.look(on: thread) }
        services.addTask { await self.answer() }
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

    private func answer() async {
        while !hasEnded {
            await askSignal.wait()
            let now = EngineThread.shared.now
            if let blocked = silence.withLock({ $0.answer(now: now) }) {
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

/// For how long the pool has not answered, and when that is told: after a while, and then each time after twice as
/// long. A pure value.
package struct PoolSilence: Sendable {
    /// After this long without an answer the pool counts as blocked; a busy machine answers sooner.
    package static let patience = Duration.seconds(5)
    /// How many handlers are named as suspects.
    package static let named = 3

    private var asked: Instant?
    private var told = 0

    package init() {}

    /// Looks for an answer, and asks anew if there was one. Returns for how long there has been none, if that is to be
    /// told.
    package mutating func look(now: Instant) -> Duration? {
        guard let asked else {
            self.asked = now
            return nil
        }
        let silence = now - asked
        guard silence >= limit else { return nil }
        while silence >= limit, told < 32 { told += 1 }
        return silence
    }

    private var limit: Duration { Self.patience * (1 << told) }

    /// Takes note of an answer. Returns for how long there had been none, if that was told.
    package mutating func answer(now: Instant) -> Duration? {
        guard let asked else { return nil }
        let wasTold = told > 0
        self = PoolSilence()
        return wasTold ? now - asked : nil
    }
}
