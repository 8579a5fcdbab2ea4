// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Those who wait for what becomes of a settlement, each by the slot of its message.
final class SettlementWaiters: Sendable {
    /// A signal rather than a continuation, so that a handler that waits can be cancelled.
    private final class Waiter: Sendable {
        let outcome = Mutex<SettledEvent.Outcome?>(nil)
        let outcomeSignal = WakeSignal()

        func tell(_ result: SettledEvent.Outcome) {
            outcome.withLock { $0 = result }
            outcomeSignal.raise()
        }
    }

    private struct State {
        var waiting: [Slot: [Waiter]] = [:]
        var hasEnded = false
    }

    private let state = Mutex(State())

    /// Waits for a result, unless it is `known`; that is asked once the waiter is in the list, so that none is missed.
    ///
    /// A wait that is cancelled, or that outlives the consumer, ends with ``SettledEvent/Outcome/unknown``.
    func result(of slot: Slot, unless known: () -> SettledEvent.Outcome?) async -> SettledEvent.Outcome {
        let waiter = Waiter()
        let hasEnded = state.withLock { state in
            if !state.hasEnded { state.waiting[slot, default: []].append(waiter) }
            return state.hasEnded
        }
        defer { leave(slot, waiter) }
        if let known = known() { return known }
        if !hasEnded { await waiter.outcomeSignal.waitUnlessCancelled() }
        return waiter.outcome.withLock { $0 } ?? .unknown
    }

    private func leave(_ slot: Slot, _ waiter: Waiter) {
        state.withLock { state in
            guard var waiters = state.waiting.removeValue(forKey: slot) else { return }
            waiters.removeAll { $0 === waiter }
            if !waiters.isEmpty { state.waiting[slot] = waiters }
        }
    }

    /// Tells those who wait for one message, about which nothing will be decided any more.
    func tell(_ slot: Slot, _ result: SettledEvent.Outcome) {
        let waiters = state.withLock { $0.waiting.removeValue(forKey: slot) }
        for waiter in waiters ?? [] { waiter.tell(result) }
    }

    /// Whether nobody waits.
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// Tells those who wait for these settlements; what was refused is sent again, and its waiters go on waiting.
    func tell(_ decisions: [Decision], _ entries: [SettledEvent.Entry]) {
        if isEmpty { return }
        for (decision, entry) in zip(decisions, entries) where entry.outcome != .refused {
            tell(decision.slot, entry.outcome)
        }
    }

    /// Nothing more will be told: ends every wait, in the order of the slots.
    func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [:] }
            return state.waiting.sorted { $0.key < $1.key }.flatMap(\.value)
        }
        for waiter in waiters { waiter.tell(.unknown) }
    }
}
