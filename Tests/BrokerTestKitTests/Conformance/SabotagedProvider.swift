// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit
import ServiceLifecycle

/// The in-memory provider with one promise broken, to prove that a conformance check can fail.
final class SabotagedProvider: BrokerProvider, HistoryReading, Purging, StatisticsReporting, HealthReporting,
    ConsumerReporting, Replaying, EntryMoving, StreamDeleting, NewGroupReporting
{
    private let base: MemoryProvider
    private let sabotage: Sabotage
    private let clock: any BrokerClock

    init(_ sabotage: Sabotage, clock: any BrokerClock) {
        base = MemoryProvider(clock: clock)
        self.clock = clock
        self.sabotage = sabotage
    }

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        await sabotage.publishes(batch, base)
    }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        SabotagedSubscription(try await base.subscribe(sabotage.subscriptions(request)), sabotage, clock)
    }

    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        sabotage.reports(try await base.maintain(sabotage.maintains(request)))
    }

    func run() async throws {
        if !sabotage.ignoresClose { return try await base.run() }
        while !Task.isCancelled { await WakeSignal().waitUnlessCancelled() }
    }

    func close() async {
        if !sabotage.ignoresClose { await base.close() }
    }

    func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage] {
        sabotage.reads(try await base.latest(count, of: stream))
    }

    func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        sabotage.reads(try await base.range(ids, of: stream, limit: limit))
    }

    func tail(
        _ stream: StreamName, after id: MessageID, limit: Int, wait: Duration
    ) async throws(BrokerError) -> [StoredMessage] {
        try await base.tail(stream, after: id, limit: limit, wait: sabotage.tails(wait))
    }

    func purge(_ stream: StreamName) async throws(BrokerError) -> Int {
        sabotage.purges(try await base.purge(stream))
    }

    func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID {
        try await sabotage.rewinds(start, base, stream, group)
    }

    func move(
        _ entries: [StoredMessage], from source: StreamName, to destination: StreamName
    ) async -> [Result<MessageID?, BrokerError>] {
        await sabotage.moves(entries, base, source, destination)
    }

    func delete(_ selection: StreamSelection, idleFor idle: Duration) async throws(BrokerError) -> Int {
        try await sabotage.deletes(selection, idle, base)
    }

    func statistics(of selection: StreamSelection) async throws(BrokerError) -> [StreamStatistics] {
        sabotage.counts(try await base.statistics(of: selection))
    }

    func consumers(
        of group: GroupName, on selection: StreamSelection, activeWithin period: Duration
    ) async throws(BrokerError) -> Set<ConsumerName> {
        sabotage.names(try await base.consumers(of: group, on: selection, activeWithin: period))
    }

    func isNew(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) -> Bool {
        sabotage.judges(selection, try await base.isNew(group, of: selection))
    }

    func confirm(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) {
        if !sabotage.forgetsConfirmations { try await base.confirm(group, of: selection) }
    }

    func health() async -> ProviderHealth {
        var health = await base.health()
        if sabotage.ignoresClose { health.isReady = true }
        return health
    }
}

/// Its subscriptions.
final class SabotagedSubscription: BrokerSubscription {
    private let base: any BrokerSubscription
    private let sabotage: Sabotage
    private let clock: any BrokerClock

    init(_ base: any BrokerSubscription, _ sabotage: Sabotage, _ clock: any BrokerClock) {
        self.base = base
        self.clock = clock
        self.sabotage = sabotage
    }

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        try await sabotage.receives(request, base, clock)
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        try await sabotage.settles(settlements, base)
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try await sabotage.extends(receipts, base)
    }

    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try await sabotage.restores(receipts, base)
    }

    func close() async {
        if !sabotage.ignoresClose { await base.close() }
    }
}
