// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import ServiceLifecycle

/// The seam: what a backend must be able to do to carry streams.
///
/// A provider carries out *batched verbs* and decides nothing: when to retry, what to dead-letter, how many messages to
/// hold are the engine's affairs. It owns no loop over messages. Its obligations:
///
/// - Making a provider opens nothing. ``publish(_:)`` and ``subscribe(_:)`` work before `run()`, which adds only
///   lifetime: it returns when the provider is closed or its task is cancelled, and a graceful shutdown does not end it.
/// - ``capabilities`` never change.
/// - Every method may be called from any task, several at a time.
/// - A failed call leaves the provider usable. Errors say whether a retry can help and what is known of the effect.
/// - A message never leaves its stream before it is settled.
///
/// `BrokerTestKit` has a conformance check for each of these promises.
public protocol BrokerProvider: Service {
    /// What this provider promises.
    var capabilities: BrokerCapabilities { get }

    /// Stores messages, each in its stream, in the given order; returns one result for each, in order.
    ///
    /// Entries are independent: one that fails does not stop its neighbours. Not cancellable.
    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>]

    /// Joins a group, which is created if it does not exist.
    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription

    /// Does the regular upkeep (retention, members that are gone); called once a minute by one task of the process.
    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport

    /// Ends the provider: calls under way return, later ones fail with ``BrokerError/Code/closed``. May be called
    /// twice.
    func close() async
}

extension BrokerProvider {
    /// Does nothing, for backends that need no upkeep.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        MaintenanceReport()
    }
}
