// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Synchronization

/// The in-memory provider with a past, which refuses one write.
final class ReplayedProvider: BrokerProvider, HistoryReading {
    private let base: MemoryProvider
    private let refused: Int
    private let writes = Atomic<Int>(0)

    /// Refuses the write with this number, from 1.
    init(clock: any BrokerClock, refusing refused: Int) {
        base = MemoryProvider(clock: clock)
        self.refused = refused
    }

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        guard writes.add(1, ordering: .relaxed).newValue != refused else {
            let error = BrokerError(.connection, "refused", isRetryable: true)
            return batch.entries.map { _ in .failure(error) }
        }
        return await base.publish(batch)
    }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage] {
        try await base.latest(count, of: stream)
    }

    func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        try await base.range(ids, of: stream, limit: limit)
    }

    func tail(
        _ stream: StreamName, after id: MessageID, limit: Int, wait: Duration
    ) async throws(BrokerError) -> [StoredMessage] {
        try await base.tail(stream, after: id, limit: limit, wait: wait)
    }

    func run() async throws { try await base.run() }
    func close() async { await base.close() }
}
