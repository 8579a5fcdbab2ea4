// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The subscription of one consumer in one group, with which it receives, settles and extends.
///
/// Every method may be called while another one is in progress. `settle`, `extend` and `close` run to their end even in
/// a cancelled task.
public protocol BrokerSubscription: Sendable {
    /// Where `receive` and `settle` are called best: the consumer's loops that call them prefer this executor.
    ///
    /// For a provider whose replies arrive on a thread of its own: there a reply reaches its caller without waking
    /// another thread. Handlers, observers and lease extensions run elsewhere. The default is `nil`, Swift's pool.
    var executor: (any TaskExecutor)? { get }

    /// Leases messages: new ones, retries that are due, and messages of any consumer whose lease has expired.
    ///
    /// It returns as soon as there is a message, at the latest after the request's wait, possibly with nothing. Of n
    /// messages, expired and due ones may take ⌈n/4⌉ each, and each source may take what another leaves, so that no
    /// source starves another. With n below 3 the sources take turns. In a cancelled task it returns what is leased
    /// already, which may be nothing. Cancellation is no error, and a leased message is never dropped.
    func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received

    /// Carries out decisions about leased messages.
    ///
    /// A settlement whose outcome is unknown may be repeated. It changes nothing more and returns
    /// ``SettlementOutcome/settled``, which then means done. Every action is fenced on consumer and token, except
    /// `ack`: within the receipt's epoch it is accepted whichever consumer holds the lease.
    ///
    /// - Returns: One outcome for each settlement, in order.
    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome]

    /// Extends leases by another visibility timeout, without counting an attempt.
    ///
    /// - Returns: One outcome for each receipt, in order.
    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome]

    /// Takes leases again that were removed from outside, as when an operator deletes a consumer on a server.
    ///
    /// The engine calls it when an extension or a settlement returned ``SettlementOutcome/settled`` although the engine
    /// has not settled the message. It passes every lease that it holds and that has not expired by its own clock,
    /// while no settlement is in progress. The default implementation returns ``SettlementOutcome/settled`` for every
    /// lease.
    ///
    /// - Returns: One outcome for each receipt, in order: ``SettlementOutcome/done`` for a lease that still exists;
    ///   ``SettlementOutcome/renewed(_:)`` for one that was taken again, with a greater token and without counting an
    ///   attempt; ``SettlementOutcome/settled`` for a message that an earlier holder may have acknowledged.
    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome]

    /// Leaves the group. Leases that this consumer still holds stay until they expire. May be called twice.
    func close() async
}

extension BrokerSubscription {
    /// `nil`: `receive` and `settle` are called on Swift's pool.
    public var executor: (any TaskExecutor)? { nil }

    /// Returns ``SettlementOutcome/settled`` for every lease: what is no longer pending counts as settled.
    public func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        receipts.map { _ in .settled }
    }
}
