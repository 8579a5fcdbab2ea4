// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory

/// A process's way into the common server, below every fault of its connection: what passes here has really happened.
///
/// The server outlives every process, so closing the way does not close it.
struct Wire: BrokerProvider {
    let server: SimulatedServer
    let process: Int
    let chronicle: Chronicle

    private var base: MemoryProvider { server.memory }
    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        do throws(BrokerError) {
            let passage = try server.enter()
            let results = await store(batch)
            try server.leave(passage)
            return results
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    private func store(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        let results = await base.publish(batch)
        chronicle.note("stored \(results.compactMap { try? $0.get().id.description })") { rules, _ in
            for (entry, result) in zip(batch.entries, results) {
                guard let id = try? result.get().id, let number = Int(entry.message.payload.string) else { continue }
                rules.stored[id] = number
            }
        }
        return results
    }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        let passage = try server.enter()
        let subscription = WireSubscription(base: try await base.subscribe(request), wire: self, request: request)
        try server.leave(passage)
        return subscription
    }

    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        let passage = try server.enter()
        let report = try await base.maintain(request)
        try server.leave(passage)
        return report
    }

    func run() async throws { try await base.run() }
    func close() async {}
}

/// A subscription in the common memory that writes down what is done through it.
private struct WireSubscription: BrokerSubscription {
    let base: any BrokerSubscription
    let wire: Wire
    let request: SubscriptionRequest

    func receive(_ receive: ReceiveRequest) async throws(BrokerError) -> Received {
        let passage = try wire.server.enter()
        let received = try await base.receive(receive)
        if !received.messages.isEmpty || !received.missing.isEmpty { note(received) }
        try wire.server.leave(passage)
        return received
    }

    private func note(_ received: Received) {
        let leased = received.messages.map { "\($0.receipt.id)#\($0.receipt.token)\($0.origin == .new ? "" : "'")" }
        let now = wire.server.clock.now
        wire.chronicle.note("\(who) leases \(leased) missing \(received.missing.map(\.id.description))") { rules, _ in
            for message in received.messages {
                rules.leases.lease(message, request.group, to: request.consumer, request.visibility, now: now)
                rules.holding.given(message, by: request, of: wire.process)
            }
            for entry in received.missing { rules.leases.gone(key(entry.id)) }
        }
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        let passage = try wire.server.enter()
        let refused = settlements.map { $0.stores && wire.server.refuses() }
        let taken = zip(settlements, refused).filter { !$0.1 }.map(\.0)
        let outcomes = try await base.settle(taken)
        noteOutcomes(outcomes, of: taken)
        try wire.server.leave(passage)
        var answers = outcomes.makeIterator()
        return refused.map { isRefused in
            isRefused ? .refused(BrokerError(.server, "refused by simulation", isRetryable: true)) : answers.next()
        }
        .compactMap { $0 }
    }

    private func noteOutcomes(_ outcomes: [SettlementOutcome], of settlements: [Settlement]) {
        let now = wire.server.clock.now
        wire.chronicle.note("\(who) settles \(outcomes.map(\.word))") { rules, time in
            for (settlement, outcome) in zip(settlements, outcomes) {
                rules.leases.settled(settlement, request.group, as: outcome, now: now)
                guard case .renewed(let receipt) = outcome else { continue }
                rules.delays.renewed(settlement.receipt, to: receipt, key(receipt.id), by: wire.process)
                rules.holding.extended(receipt.id, by: request.consumer, now: time)
            }
        }
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let passage = try wire.server.enter()
        let outcomes = try await base.extend(receipts)
        noteExtension(outcomes, of: receipts)
        try wire.server.leave(passage)
        return outcomes
    }

    func restore(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        let passage = try wire.server.enter()
        let outcomes = try await base.restore(receipts)
        noteRestoring(outcomes, of: receipts)
        try wire.server.leave(passage)
        return outcomes
    }

    private func noteRestoring(_ outcomes: [SettlementOutcome], of receipts: [Receipt]) {
        let now = wire.server.clock.now
        let text = zip(receipts, outcomes).map { "\($0.id)#\($0.token) \($1.word)" }
        wire.chronicle.note("\(who) takes again \(text)") { rules, time in
            for (receipt, outcome) in zip(receipts, outcomes) {
                switch outcome {
                case .renewed(let restored):
                    rules.leases.restored(restored, request.group, to: request.consumer, request.visibility, now: now)
                    rules.holding.extended(receipt.id, by: request.consumer, now: time)
                case .settled: rules.holding.dropped(receipt.id, by: request.consumer)
                case .missing: rules.leases.gone(key(receipt.id))
                default: break
                }
            }
        }
    }

    private func noteExtension(_ outcomes: [SettlementOutcome], of receipts: [Receipt]) {
        let now = wire.server.clock.now
        let text = zip(receipts, outcomes).map { "\($0.id)#\($0.token) \($1.word)" }
        wire.chronicle.note("\(who) extends \(text)") { rules, time in
            for (receipt, outcome) in zip(receipts, outcomes) {
                switch outcome {
                case .done:
                    rules.leases.extended(receipt, request.group, now: now)
                    rules.holding.extended(receipt.id, by: request.consumer, now: time)
                case .settled: rules.holding.dropped(receipt.id, by: request.consumer)
                case .missing: rules.leases.gone(key(receipt.id))
                default: break
                }
            }
        }
    }

    private func key(_ id: MessageID) -> LeaseRules.Key { .init(group: request.group, id: id) }

    func close() async { await base.close() }

    private var who: String { "wire \(wire.process) \(request.group)" }
}

extension Settlement {
    /// Whether something has to be stored for it, which a server can refuse.
    fileprivate var stores: Bool {
        switch action {
        case .deadLetter, .forward: true
        case .ack, .retry, .renew, .release: false
        }
    }
}

extension SettlementOutcome {
    fileprivate var word: String {
        switch self {
        case .done, .deadLettered: "done"
        case .renewed: "renewed"
        case .lost: "lost"
        case .settled: "settled"
        case .missing: "missing"
        case .refused: "refused"
        }
    }
}
