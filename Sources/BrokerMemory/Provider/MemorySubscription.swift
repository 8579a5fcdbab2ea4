// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The subscription of one consumer in memory.
struct MemorySubscription: BrokerSubscription {
    private let provider: MemoryProvider
    private let subscription: Int

    /// Takes the number of a subscription in the log.
    init(provider: MemoryProvider, subscription: Int) {
        self.provider = provider
        self.subscription = subscription
    }

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        let clock = provider.clock
        let deadline = clock.now + request.wait
        var signal: WakeSignal?
        var waiter: Int?
        while true {
            if let waiter, Task.isCancelled || provider.isClosed { return leave(waiter) }
            switch try look(request, deadline, waiter, &signal) {
            case .received(let received):
                return received
            case .closed:
                guard waiter == nil else { return Received() }
                throw Self.closed
            case .waiting(let number, let until):
                waiter = number
                await signal?.waitUnlessCancelled(until: min(until, deadline), on: clock)
            }
        }
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        let time = MemoryTime(of: provider.clock)
        guard let outcomes = try provider.access({ $0.log.settle(settlements, subscription: subscription, at: time) })
        else {
            throw Self.closed
        }
        return outcomes
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let time = MemoryTime(of: provider.clock)
        guard let outcomes = try provider.access({ $0.log.extend(receipts, subscription: subscription, at: time) })
        else {
            throw Self.closed
        }
        return outcomes
    }

    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let time = MemoryTime(of: provider.clock)
        guard let outcomes = try provider.access({ $0.log.restore(receipts, subscription: subscription, at: time) })
        else {
            throw Self.closed
        }
        return outcomes
    }

    func close() async {
        // A closed provider has no subscriptions to end.
        try? provider.access { $0.log.unsubscribe(subscription) }
    }
}

extension MemorySubscription {
    private static let closed = BrokerError(.closed, "the consumer has left its group")

    /// Looks for messages. A call that finds none becomes a waiter in the same step, so that no wake is lost in
    /// between.
    private func look(
        _ request: ReceiveRequest, _ deadline: Instant, _ waiter: Int?, _ signal: inout WakeSignal?
    ) throws(BrokerError) -> MemoryLog.ReceiveResult {
        let time = MemoryTime(of: provider.clock)
        let isLast = time.now >= deadline || Task.isCancelled
        return try provider.access { state in
            if let waiter { state.signals[waiter] = nil }
            let result = state.log.receive(
                request, subscription: subscription, waiter: waiter, isLast: isLast, at: time)
            if case .waiting(let number, _) = result {
                let wakeSignal = signal ?? WakeSignal()
                signal = wakeSignal
                state.signals[number] = wakeSignal
            }
            return result
        }
    }

    /// Ends the wait of a cancelled call, which leases nothing more.
    private func leave(_ waiter: Int) -> Received {
        try? provider.access { state in
            state.log.leave(subscription: subscription, waiter: waiter)
            state.signals[waiter] = nil
        }
        return Received()
    }
}
