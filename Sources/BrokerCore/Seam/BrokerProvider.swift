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

    /// Stores messages, each in its stream, in the given order; answers one result for each, in order.
    ///
    /// Entries are independent: one that fails does not stop its neighbours. Not cancellable.
    func publish(_ batch: PublishBatch) async -> [Result<MessageID, BrokerError>]

    /// Joins a group, which is created if it does not exist.
    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription

    /// Does the regular upkeep (retention, members that are gone); called once a minute by one task of the process.
    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport

    /// Ends the provider: calls under way return, later ones fail with ``BrokerError/Code/closed``. May be called twice.
    func close() async
}

extension BrokerProvider {
    /// Does nothing, for backends that need no upkeep.
    public func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        MaintenanceReport()
    }
}

/// The seat of one consumer in one group: where it receives, settles and extends.
///
/// Every method may be called while another is under way. `settle`, `extend` and `close` run to their end also in a
/// cancelled task.
public protocol BrokerSubscription: Sendable {
    /// Leases messages: new ones, retries that are due, and those whose lease has run out, whoever held it.
    ///
    /// Returns as soon as any of them is there, at the latest after the request's wait, maybe with nothing. Of n asked
    /// for, expired and due may take ⌈n/4⌉ each, and what one leaves the others may take, so that none starves another;
    /// with n = 1 they take turns. A cancelled task gets what is leased already, maybe nothing: cancellation is no
    /// error, and nothing leased is ever dropped.
    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received

    /// Carries out decisions; answers one outcome for each, in order.
    ///
    /// Repeating a settlement whose outcome is unknown changes nothing more; it answers ``Outcome/settled``, which
    /// then means done. Everything is fenced on holder and token, but `ack` is taken whoever holds the lease, within
    /// the receipt's epoch.
    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [Outcome]

    /// Renews leases for another visibility timeout, without counting an attempt; answers one outcome for each.
    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [Outcome]

    /// Leaves the group. What this consumer still holds stays leased until it expires. May be called twice.
    func close() async
}
