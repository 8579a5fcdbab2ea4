// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit

/// What an engine says to its provider, above every fault of the connection: what passes here may never arrive.
struct Desk: BrokerProvider {
    let base: FaultInjectingProvider
    let process: Int
    let chronicle: Chronicle
    let deadLetters: Bool

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        DeskSeat(base: try await base.subscribe(request), replyInbox: self, request: request)
    }

    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        try await base.maintain(request)
    }

    func run() async throws { try await base.run() }
    func close() async { await base.close() }
}

/// A subscription that writes down what is decided, at the moment in which that is sent.
private struct DeskSeat: BrokerSubscription {
    let base: any BrokerSubscription
    let replyInbox: Desk
    let request: SubscriptionRequest

    func receive(_ receive: ReceiveRequest) async throws(BrokerError) -> Received { try await base.receive(receive) }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        note(settlements)
        return try await base.settle(settlements)
    }

    private func note(_ settlements: [Settlement]) {
        let line = "replyInbox \(replyInbox.process) \(request.group) sends \(settlements.map(\.text))"
        replyInbox.chronicle.note(line) { rules, time in
            // Nothing that a dead process does reaches anybody.
            if rules.handling.isDead(replyInbox.process) { return }
            for settlement in settlements {
                let key = LeaseRules.Key(group: request.group, id: settlement.receipt.id)
                rules.leases.sent(settlement, request.group)
                rules.delays.sent(settlement, key, by: replyInbox.process, now: time)
                guard case .ack = settlement.action, replyInbox.deadLetters else { continue }
                rules.handling.acknowledged(key, by: request.consumer, of: replyInbox.process)
            }
        }
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try await base.extend(receipts)
    }
    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try await base.restore(receipts)
    }
    func close() async { await base.close() }
}

extension Settlement {
    fileprivate var text: String {
        switch action {
        case .retry(let delay), .release(let delay): "\(action.word) \(receipt.id)#\(receipt.token) after \(delay)"
        case .ack, .renew, .deadLetter, .forward: "\(action.word) \(receipt.id)#\(receipt.token)"
        }
    }
}
