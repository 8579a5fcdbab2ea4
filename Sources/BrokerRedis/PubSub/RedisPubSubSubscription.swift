// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The subscription of one consumer, in the buffer of its process.
final class RedisPubSubSubscription: BrokerSubscription {
    private let provider: RedisPubSubProvider
    private let topic: PushTopic
    private let subscription: any BrokerSubscription
    private let hasClosed = Atomic(false)

    init(provider: RedisPubSubProvider, topic: PushTopic, subscription: any BrokerSubscription) {
        self.provider = provider
        self.topic = topic
        self.subscription = subscription
    }

    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
        try await subscription.receive(request)
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        let settled = try await settled(settlements)
        provider.resumeListening()
        return settled
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try await subscription.extend(receipts)
    }

    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try await subscription.restore(receipts)
    }

    func close() async {
        if hasClosed.exchange(true, ordering: .acquiringAndReleasing) { return }
        await subscription.close()
        provider.listening.unsubscribe(topic)
    }
}

/// Forwarding, which leaves the process and so is two steps: published, then acknowledged.
extension RedisPubSubSubscription {
    private func settled(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        var local = settlements
        var refusals: [Int: SettlementOutcome] = [:]
        for (place, settlement) in settlements.enumerated() {
            guard case .forward(let entries) = settlement.action else { continue }
            local[place].action = .ack
            refusals[place] = try await obstacle(to: entries, settlement.receipt)
        }
        guard !refusals.isEmpty else { return try await subscription.settle(local) }
        let open = local.indices.filter { refusals[$0] == nil }
        let outcomes = try await subscription.settle(open.map { local[$0] })
        for (place, outcome) in zip(open, outcomes) { refusals[place] = outcome }
        return local.indices.compactMap { refusals[$0] }
    }

    /// Publishes for a lease that is still held; returns why not.
    private func obstacle(
        to entries: [PublishBatch.Entry], _ receipt: Receipt
    ) async throws(BrokerError) -> SettlementOutcome? {
        guard let standing = try await subscription.extend([receipt]).first else { return nil }
        guard case .done = standing else { return standing }
        let results = await provider.publish(PublishBatch(entries))
        for case .failure(let error) in results { return .refused(error) }
        return nil
    }
}
