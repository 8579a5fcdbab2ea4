// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import BrokerMemory
import RedisWire
import Synchronization

/// Station "join": a consumer joins its group.
extension RedisPubSubProvider {
    /// Subscribes a consumer; returns when the server has confirmed the subscription.
    ///
    /// A group begins with new messages, whatever was requested: there is no past. In a stream of dead letters it
    /// begins with the dead letters that this process has kept. Waits for an unreachable server until the connect
    /// timeout has passed.
    ///
    /// - Parameter request: The stream or pattern, the group and the consumer.
    /// - Returns: the subscription.
    /// - Throws: why there is no subscription.
    public func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        if isClosed { throw .providerClosed }
        if case .pattern(let pattern) = request.selection, names.kind == .sharded { throw .sharded(pattern) }
        try await checkServer()
        var request = request
        request.start = .latest
        let topic = names.topic(of: request.selection)
        // The group comes first, since messages may follow right behind the confirmation.
        let subscription = try await buffer.subscribe(request)
        do throws(RedisError) {
            try await listening.subscribe(topic)
        } catch {
            await subscription.close()
            throw names.failure(error, "listen to '\(request.selection)'")
        }
        return RedisPubSubSubscription(provider: self, topic: topic, subscription: subscription)
    }

    /// Checks the server, and logs each finding once.
    private func checkServer() async throws(BrokerError) {
        let found = try await bodyLimit.findings(of: streams) { () throws(BrokerError) in
            do throws(RedisError) {
                return try await commands.connection(for: RedisRoutes(.anyNode))
            } catch {
                throw BrokerError(error, "look at the server")
            }
        }
        let news = findings.withLock { findings in found.filter { findings.insert($0).inserted } }
        for finding in news { finding.log(to: logger, address: options.connection.url) }
    }
}

/// The subscription of one consumer to the buffer of its process.
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

/// Forwarding leaves the process, so it takes two steps: publish, then ack.
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

    /// Publishes the messages if the lease is still held; returns the outcome if that failed.
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
