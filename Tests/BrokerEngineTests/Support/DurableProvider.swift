// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory

/// The memory provider as one whose entries outlive the program: several registries may use it one after another.
final class DurableProvider: BrokerProvider, NewGroupReporting, HistoryReading, StatisticsReporting {
    private let base: MemoryProvider

    init(streams: [StreamConfiguration] = [], clock: any BrokerClock) {
        base = MemoryProvider(streams: streams, clock: clock)
    }

    var capabilities: BrokerCapabilities { base.capabilities.union(.durable) }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func isNew(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) -> Bool {
        try await base.isNew(group, of: selection)
    }

    func confirm(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) {
        try await base.confirm(group, of: selection)
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

    func statistics(of selection: StreamSelection) async throws(BrokerError) -> [StreamStatistics] {
        try await base.statistics(of: selection)
    }

    func run() async throws {
        while !Task.isCancelled { await WakeSignal().waitUnlessCancelled() }
    }

    /// Keeps everything for the next registry.
    func close() async {}
}
