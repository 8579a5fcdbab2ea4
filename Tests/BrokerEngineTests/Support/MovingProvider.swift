// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Synchronization

/// The in-memory provider with a past, whose moves a test can watch and whose replies it can lose.
final class MovingProvider: BrokerProvider, HistoryReading, EntryMoving {
    private let base: MemoryProvider
    private let lost: Int
    private let calls = Atomic<Int>(0)
    private let whenMoved: @Sendable (Int) -> Void

    /// Loses the reply to the move with this number, from 1, and tells of each move.
    init(clock: any BrokerClock, losing lost: Int = 0, whenMoved: @escaping @Sendable (Int) -> Void = { _ in }) {
        base = MemoryProvider(clock: clock)
        self.lost = lost
        self.whenMoved = whenMoved
    }

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

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

    func move(
        _ entries: [StoredMessage], from source: StreamName, to destination: StreamName
    ) async -> [Result<MessageID?, BrokerError>] {
        let number = calls.add(1, ordering: .relaxed).newValue
        let results = await base.move(entries, from: source, to: destination)
        whenMoved(number)
        let error = BrokerError(.timeout, "no reply", isRetryable: true, effect: .unknown)
        return number == lost ? results.map { _ in .failure(error) } : results
    }

    func run() async throws { try await base.run() }
    func close() async { await base.close() }
}
