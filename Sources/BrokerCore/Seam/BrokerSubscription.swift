// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The subscription of one consumer in one group: where it receives, settles and extends.
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

    /// Carries out decisions; returns one outcome for each, in order.
    ///
    /// Repeating a settlement whose outcome is unknown changes nothing more; it returns ``SettlementOutcome/settled``,
    /// which then means done. Everything is fenced on holder and token, but `ack` is taken whoever holds the lease,
    /// within the receipt's epoch.
    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome]

    /// Renews leases for another visibility timeout, without counting an attempt; returns one outcome for each.
    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome]

    /// Takes leases again that somebody has taken away behind the group's back, as deleting a consumer on a server
    /// does; returns one outcome for each: ``SettlementOutcome/done`` for one that is as it was,
    /// ``SettlementOutcome/renewed(_:)`` for one that was taken again, under a greater token and without counting an
    /// attempt.
    ///
    /// The engine asks when an extension or a settlement was answered ``SettlementOutcome/settled`` although it has not
    /// settled the message. It names everything that it holds and whose lease has not run out by its own clock, while
    /// no settlement is under way. What may have been acknowledged by a former holder stays
    /// ``SettlementOutcome/settled``. By default everything does.
    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome]

    /// Leaves the group. What this consumer still holds stays leased until it expires. May be called twice.
    func close() async
}

extension BrokerSubscription {
    /// Believes that what is no longer pending has been settled.
    public func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        receipts.map { _ in .settled }
    }
}
