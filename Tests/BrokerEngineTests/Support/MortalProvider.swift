// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Synchronization

/// The connection of one process to a memory that outlives it: once dead, nothing goes through any more.
///
/// What the dead process held stays leased, as after a crash; its calls seem to succeed so that its tasks can end.
final class MortalProvider: BrokerProvider {
    private let base: MemoryProvider
    private let dead = Mutex(false)
    private let wakeSignal = WakeSignal()

    init(_ base: MemoryProvider) { self.base = base }

    var capabilities: BrokerCapabilities { base.capabilities }
    var isDead: Bool { dead.withLock { $0 } }

    func die() {
        dead.withLock { $0 = true }
        wakeSignal.raise()
    }

    /// Waits until the process has died, at most until an instant.
    func death(by instant: Instant, on clock: some BrokerClock) async {
        while !isDead, clock.now < instant { await wakeSignal.wait(until: instant, on: clock) }
    }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        MortalSubscription(base: try await base.subscribe(request), process: self)
    }

    func run() async throws {}
    func close() async {}
}

private struct MortalSubscription: BrokerSubscription {
    let base: any BrokerSubscription
    let process: MortalProvider

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        if process.isDead { return Received() }
        return try await base.receive(request)
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        process.isDead ? settlements.map { _ in .done } : try await base.settle(settlements)
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        process.isDead ? receipts.map { _ in .done } : try await base.extend(receipts)
    }

    func close() async {}
}
