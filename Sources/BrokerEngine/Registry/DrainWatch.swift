// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Beside the line: ends a drain in time, whatever happens to the backend.
///
/// Cancellation does not end calls that settle, extend or leave. When the drain is over, closing the providers ends the
/// calls that still wait for a backend. While a handler runs that ignores its cancellation, only publishing is ended,
/// so that the lease is kept.
final class DrainWatch: Sendable {
    /// The time for a last flush when the drain is over and no handler runs. A backend that replies needs less.
    static let grace = Duration.milliseconds(100)

    private let registry: BrokerRegistry
    private let isOver = Atomic(false)

    init(registry: BrokerRegistry) {
        self.registry = registry
    }

    /// Runs until it has closed the providers, or until ``end()``; cancellation does not end it.
    func run() async {
        await wait { self.registry.state.withLock { $0.overdue } }
        if hasEnded { return }
        await registry.endPublishing()
        while !hasEnded, !registry.lanes.areNone { await registry.lanes.closedSignal.wait() }
        let end = registry.runtime.clock.now + Self.grace
        await wait { end }
        if !hasEnded { await registry.closeProviders() }
    }

    /// Ends the watch: nothing is left to close.
    func end() {
        isOver.store(true, ordering: .releasing)
        registry.lanes.closedSignal.raise()
    }

    private var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    /// Waits for an instant. Whoever moves it to an earlier time raises the signal of the lanes.
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
