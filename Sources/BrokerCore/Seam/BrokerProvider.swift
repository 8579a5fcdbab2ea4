// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import ServiceLifecycle

/// What a backend must be able to do to carry streams.
///
/// A provider carries out *batched verbs* and decides nothing. The engine decides when to retry, what becomes a dead
/// letter, and how many messages a consumer holds. A provider has no loop over messages. Its obligations:
///
/// - Making a provider opens no connection. ``publish(_:)`` and ``subscribe(_:)`` work before `run()`, which adds only
///   lifetime: it returns when the provider is closed or its task is cancelled. A graceful shutdown does not end it.
/// - ``capabilities`` never change.
/// - Every method may be called from any task, also concurrently.
/// - A failed call leaves the provider usable. Errors say whether a retry can help, and what is known about the effect.
/// - A message never leaves its stream before it is settled.
///
/// `BrokerTestKit` has a conformance check for each of them.
public protocol BrokerProvider: Service {
    /// The capabilities of this provider. They never change.
    var capabilities: BrokerCapabilities { get }

    /// Stores messages in the given order, each in its stream.
    ///
    /// Entries are independent: one that fails does not stop the others. The call is not cancellable.
    ///
    /// - Returns: One result for each entry, in the order of the batch.
    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>]

    /// Subscribes a consumer to a group, which is created if it does not exist.
    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription

    /// Does the regular maintenance: it trims streams and removes consumers that are gone. One task of the process
    /// calls it once a minute.
    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport

    /// Ends the provider. Calls in progress return, later ones fail with ``BrokerError/Code/closed``. May be called
    /// twice.
    func close() async
}

extension BrokerProvider {
    /// Does nothing, for backends that need no maintenance.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        MaintenanceReport()
    }
}
