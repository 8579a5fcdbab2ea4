// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory

/// One way to break a promise, and the check that must notice.
struct Sabotage: Sendable, CustomStringConvertible {
    typealias Subscription = any BrokerSubscription

    var description: String
    /// A part of the name of the check that must fail.
    var caughtBy: String
    var ignoresClose = false
    var forgetsConfirmations = false
    var judges: @Sendable (StreamSelection, Bool) -> Bool = { $1 }
    var publishes: @Sendable (PublishBatch, any BrokerProvider) async -> [Result<PublishReceipt, BrokerError>] = {
        await $1.publish($0)
    }
    var subscriptions: @Sendable (SubscriptionRequest) -> SubscriptionRequest = { $0 }
    var receives: @Sendable (ReceiveRequest, Subscription, any BrokerClock) async throws(BrokerError) -> Received = {
        (request, subscription, _) async throws(BrokerError) in try await subscription.receive(request)
    }
    var settles: @Sendable ([Settlement], Subscription) async throws(BrokerError) -> [SettlementOutcome] = {
        (settlements, subscription) async throws(BrokerError) in try await subscription.settle(settlements)
    }
    var extends: @Sendable ([Receipt], Subscription) async throws(BrokerError) -> [SettlementOutcome] = {
        (receipts, subscription) async throws(BrokerError) in try await subscription.extend(receipts)
    }
    var restores: @Sendable ([Receipt], Subscription) async throws(BrokerError) -> [SettlementOutcome] = {
        (receipts, subscription) async throws(BrokerError) in try await subscription.restore(receipts)
    }
    var maintains: @Sendable (MaintenanceRequest) -> MaintenanceRequest = { $0 }
    var reports: @Sendable (MaintenanceReport) -> MaintenanceReport = { $0 }
    var reads: @Sendable ([StoredMessage]) -> [StoredMessage] = { $0 }
    var tails: @Sendable (Duration) -> Duration = { $0 }
    var purges: @Sendable (Int) -> Int = { $0 }
    var rewinds:
        @Sendable (StartPosition, MemoryProvider, StreamName, GroupName) async throws(BrokerError) -> MessageID =
            { (start, base, stream, group) async throws(BrokerError) in
                try await base.rewind(group, of: stream, to: start)
            }
    var moves:
        @Sendable ([StoredMessage], MemoryProvider, StreamName, StreamName) async -> [Result<MessageID?, BrokerError>] =
            { await $1.move($0, from: $2, to: $3) }
    var deletes: @Sendable (StreamSelection, Duration, MemoryProvider) async throws(BrokerError) -> Int = {
        (selection, idle, base) async throws(BrokerError) in try await base.delete(selection, idleFor: idle)
    }
    var counts: @Sendable ([StreamStatistics]) -> [StreamStatistics] = { $0 }
    var names: @Sendable (Set<ConsumerName>) -> Set<ConsumerName> = { $0 }

    init(_ description: String, caughtBy: String, _ change: (inout Sabotage) -> Void) {
        self.description = description
        self.caughtBy = caughtBy
        change(&self)
    }
}

/// Ways that change what is asked or answered and nothing else.
extension Sabotage {
    /// Changes each message before it is stored.
    static func storing(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (inout Message) -> Void
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.publishes = { batch, base in
                var batch = batch
                for index in batch.entries.indices { change(&batch.entries[index].message) }
                return await base.publish(batch)
            }
        }
    }

    /// Changes what was asked when a subscription is taken.
    static func subscribing(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (inout SubscriptionRequest) -> Void
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.subscriptions = { request in
                var request = request
                change(&request)
                return request
            }
        }
    }

    /// Changes what a receive asks for.
    static func asking(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (inout ReceiveRequest) -> Void
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                var request = request
                change(&request)
                return try await subscription.receive(request)
            }
        }
    }

    /// Changes what a receive answers.
    static func answering(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (inout Received) -> Void
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.receives = { (request, subscription, _) async throws(BrokerError) in
                var received = try await subscription.receive(request)
                change(&received)
                return received
            }
        }
    }

    /// Changes a settlement before it is carried out; `nil` answers done and does nothing.
    static func settling(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (Settlement) -> Settlement?
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.settles = { (settlements, subscription) async throws(BrokerError) in
                var outcomes: [SettlementOutcome] = []
                for settlement in settlements {
                    guard let changed = change(settlement) else {
                        outcomes.append(.done)
                        continue
                    }
                    outcomes += try await subscription.settle([changed])
                }
                return outcomes
            }
        }
    }
}
