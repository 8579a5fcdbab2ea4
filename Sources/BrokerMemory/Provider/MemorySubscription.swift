// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// The seat of one consumer in memory.
struct MemorySubscription: BrokerSubscription {
    private let provider: MemoryProvider
    private let seat: Int

    /// Takes a seat that the log has given.
    init(provider: MemoryProvider, seat: Int) {
        self.provider = provider
        self.seat = seat
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

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [Outcome] {
        let time = MemoryTime(of: provider.clock)
        guard let outcomes = try provider.access({ $0.log.settle(settlements, seat: seat, at: time) }) else {
            throw Self.closed
        }
        return outcomes
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [Outcome] {
        let time = MemoryTime(of: provider.clock)
        guard let outcomes = try provider.access({ $0.log.extend(receipts, seat: seat, at: time) }) else {
            throw Self.closed
        }
        return outcomes
    }

    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [Outcome] {
        let time = MemoryTime(of: provider.clock)
        guard let outcomes = try provider.access({ $0.log.restore(receipts, seat: seat, at: time) }) else {
            throw Self.closed
        }
        return outcomes
    }

    func close() async {
        // A closed provider has no seats to leave.
        try? provider.access { $0.log.unsubscribe(seat) }
    }
}

extension MemorySubscription {
    private static let closed = BrokerError(.closed, "the consumer has left its group")

    /// Looks for messages; who finds none is enrolled as a waiter in the same step, so that no wake falls between.
    private func look(
        _ request: ReceiveRequest, _ deadline: Instant, _ waiter: Int?, _ signal: inout WakeSignal?
    ) throws(BrokerError) -> MemoryLog.Reception {
        let time = MemoryTime(of: provider.clock)
        let isLast = time.now >= deadline || Task.isCancelled
        return try provider.access { state in
            if let waiter { state.signals[waiter] = nil }
            let reception = state.log.receive(request, seat: seat, waiter: waiter, isLast: isLast, at: time)
            if case .waiting(let number, _) = reception {
                let bell = signal ?? WakeSignal()
                signal = bell
                state.signals[number] = bell
            }
            return reception
        }
    }

    /// Ends the wait of a cancelled call, which leases nothing more.
    private func leave(_ waiter: Int) -> Received {
        try? provider.access { state in
            state.log.leave(seat: seat, waiter: waiter)
            state.signals[waiter] = nil
        }
        return Received()
    }
}
