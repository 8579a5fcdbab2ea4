// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Beside the line: sees to it that a drain ends in its time, whatever becomes of the backend.
///
/// Calls that settle, extend or leave are not ended by cancelling them. What still waits for its backend when the drain
/// is over is ended by closing the providers; while a handler runs that ignores its cancellation only what is published
/// is, so that its lease is kept.
final class DrainWatch: Sendable {
    /// What is left when the drain is over and no handler runs: a last flush to a backend that answers takes no longer.
    static let grace = Duration.milliseconds(100)

    private let registry: BrokerRegistry
    private let isOver = Atomic(false)

    init(registry: BrokerRegistry) {
        self.registry = registry
    }

    /// Runs until it has closed the providers, or there is nothing left to close; cancellation does not end it.
    func run() async {
        await wait { self.registry.state.withLock { $0.overdue } }
        if hasEnded { return }
        for broker in registry.brokers.values { await (broker.service as? any PublishEnding)?.endPublishing() }
        while !hasEnded, !registry.lanes.areNone { await registry.lanes.closedSignal.wait() }
        let end = registry.runtime.clock.now + Self.grace
        await wait { end }
        if !hasEnded { await registry.closeProviders() }
    }

    /// There is nothing left to close.
    func end() {
        isOver.store(true, ordering: .releasing)
        registry.lanes.closedSignal.raise()
    }

    private var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    /// Waits for an instant that may be set earlier, when the signal of the lanes is raised.
    private func wait(for instant: () -> Instant) async {
        while !hasEnded, registry.runtime.clock.now < instant() {
            await wait(until: instant(), on: registry.runtime.clock)
        }
    }

    private func wait(until end: Instant, on clock: some BrokerClock) async {
        if end == .distantFuture { return await registry.lanes.closedSignal.wait() }
        await registry.lanes.closedSignal.wait(until: end, on: clock)
    }
}
