// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory

/// A process's way to the common memory, below every fault: what passes here has really happened.
///
/// The memory outlives every process, so closing the way does not close it.
struct Wire: BrokerProvider {
    let base: MemoryProvider
    let process: Int
    let chronicle: Chronicle
    let deadLetters: Bool
    let clock: any BrokerClock

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<MessageID, BrokerError>] {
        let results = await base.publish(batch)
        chronicle.note("stored \(results.compactMap { try? $0.get().description })") { rules, _ in
            for (entry, result) in zip(batch.entries, results) {
                guard let id = try? result.get(), let number = Int(entry.message.payload.string) else { continue }
                rules.stored[id] = number
            }
        }
        return results
    }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        WireSeat(base: try await base.subscribe(request), wire: self, request: request)
    }

    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        try await base.maintain(request)
    }

    func run() async throws { try await base.run() }
    func close() async {}
}

/// A seat in the common memory that writes down what is done through it.
private struct WireSeat: BrokerSubscription {
    let base: any BrokerSubscription
    let wire: Wire
    let request: SubscriptionRequest

    func receive(_ receive: ReceiveRequest) async throws(BrokerError) -> Received {
        let received = try await base.receive(receive)
        guard !received.messages.isEmpty || !received.missing.isEmpty else { return received }
        let leased = received.messages.map { "\($0.receipt.id)#\($0.receipt.token)\($0.origin == .new ? "" : "'")" }
        wire.chronicle.note("\(who) leases \(leased) missing \(received.missing.map(\.id.description))") { rules, now in
            for message in received.messages {
                rules.leases.lease(message, request.group, to: request.consumer, request.visibility, now: now)
            }
        }
        return received
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [Outcome] {
        wire.chronicle.note("\(who) sends \(settlements.map(\.text))") { rules, _ in
            for settlement in settlements {
                rules.leases.sent(settlement, request.group)
                guard case .ack = settlement.action, wire.deadLetters else { continue }
                let key = LeaseRules.Key(group: request.group, id: settlement.receipt.id)
                rules.handling.acknowledged(key, by: wire.process)
            }
        }
        let outcomes = try await base.settle(settlements)
        wire.chronicle.note("\(who) settles \(outcomes.map(\.word))") { rules, now in
            for (settlement, outcome) in zip(settlements, outcomes) {
                rules.leases.settled(settlement, request.group, as: outcome, now: now)
            }
        }
        return outcomes
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [Outcome] {
        let outcomes = try await base.extend(receipts)
        let text = zip(receipts, outcomes).map { "\($0.id)#\($0.token) \($1.word)" }
        wire.chronicle.note("\(who) extends \(text)") { rules, now in
            for (receipt, outcome) in zip(receipts, outcomes) {
                switch outcome {
                case .done: rules.leases.extended(receipt, request.group, now: now)
                case .settled: rules.holding.dropped(receipt.id, by: request.consumer)
                default: break
                }
            }
        }
        return outcomes
    }

    func close() async { await base.close() }

    private var who: String { "wire \(wire.process) \(request.group)" }
}

extension Settlement {
    fileprivate var text: String {
        switch action {
        case .retry(let delay), .release(let delay): "\(action.word) \(receipt.id)#\(receipt.token) after \(delay)"
        case .ack, .renew, .deadLetter, .forward: "\(action.word) \(receipt.id)#\(receipt.token)"
        }
    }
}

extension Outcome {
    fileprivate var word: String {
        switch self {
        case .done: "done"
        case .renewed: "renewed"
        case .lost: "lost"
        case .settled: "settled"
        case .missing: "missing"
        case .refused: "refused"
        }
    }
}
