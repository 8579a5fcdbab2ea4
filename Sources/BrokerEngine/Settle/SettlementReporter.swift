// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Tells those who wait for a settlement, and the observers, what became of it.
struct SettlementReporter: Sendable {
    let identity: ConsumerIdentity
    let waiters: SettlementWaiters
    let events: EventRelay
    /// Where dead letters go.
    let deadLetter: DeadLetterPolicy

    /// Reports all decisions but those that are sent again, which have no outcome yet.
    func report(
        _ batch: [Decision], _ settlements: [Settlement], _ outcomes: [SettlementOutcome], butNot again: [Decision]
    ) {
        guard !again.isEmpty else { return report(batch, settlements, outcomes) }
        let reported = batch.indices.filter { index in !again.contains { $0.slot == batch[index].slot } }
        report(reported.map { batch[$0] }, reported.map { settlements[$0] }, reported.map { outcomes[$0] })
    }

    private func report(_ batch: [Decision], _ settlements: [Settlement], _ outcomes: [SettlementOutcome]) {
        let isAllAcknowledged = batch.indices.allSatisfy { batch[$0].verdict.isPlainAck }
        if isAllAcknowledged, !events.wantRoutine, waiters.isEmpty { return }
        var entries: [SettledEvent.Entry] = []
        entries.reserveCapacity(batch.count)
        for index in batch.indices {
            let isPlainAck = batch[index].verdict.isPlainAck
            entries.append(
                SettledEvent.Entry(
                    receipt: settlements[index].receipt, kind: isPlainAck ? .ack : batch[index].kind,
                    outcome: outcomes[index].reported, attempt: batch[index].attempt, handling: batch[index].handling,
                    failure: isPlainAck ? nil : failure(batch[index], outcomes[index])))
        }
        waiters.tell(batch, entries)
        events.tell(
            .settled(
                SettledEvent(consumer: identity, entries: entries, isAllAcknowledged: isAllAcknowledged)))
    }

    /// Why an attempt failed, with the place of its dead letter.
    private func failure(_ decision: Decision, _ outcome: SettlementOutcome) -> AttemptFailure? {
        let failure = decision.verdict.failure
        guard let failure, case .deadLetter = decision.action else { return failure }
        let stream = deadLetter.destination(for: decision.receipt.stream)
        switch outcome {
        case .done: return failure.buried(in: DeadLetterPlace(stream: stream, id: nil))
        case .deadLettered(let id): return failure.buried(in: DeadLetterPlace(stream: stream, id: id))
        case .renewed, .lost, .settled, .missing, .refused: return failure
        }
    }
}

extension Decision {
    /// What observers are told of it.
    fileprivate var kind: SettledEvent.Kind {
        switch action {
        case .ack: verdict.isDiscard ? .discard : verdict.isForwarded ? .forward : .ack
        case .retry, .renew: .retry
        case .release: .release
        case .deadLetter: .deadLetter
        case .forward: .forward
        }
    }
}

extension SettlementOutcome {
    /// What observers are told of it.
    fileprivate var reported: SettledEvent.Outcome {
        switch self {
        case .done, .renewed, .deadLettered: .done
        case .settled: .settled
        case .lost: .lost
        case .missing: .missing
        case .refused: .refused
        }
    }

    /// Whether the provider has carried out what it was asked for, and has nothing to say about it.
    var isDone: Bool { if case .done = self { true } else { false } }
}

/// Tells what happened to leases: those who wait for the settlement, and the observers, which nobody waits for here.
struct LossReporter: Sendable {
    let identity: ConsumerIdentity
    let leases: LeaseStore
    let waiters: SettlementWaiters
    let events: EventRelay

    /// The messages that are no longer this consumer's; the keeper cancels their handlers.
    func tell(_ result: LeaseTable.Extended) {
        for (slot, lease) in result.lost { tellLost(slot, lease) }
        for (slot, lease) in result.missing {
            waiters.tell(slot, .missing)
            events.put(.missing(identity, MissingEntry(stream: lease.receipt.stream, id: lease.receipt.id)))
        }
        for slot in result.settled { waiters.tell(slot, .settled) }
        leases.keeperSignal.raise()
    }

    /// Another consumer has the message now.
    func tellLost(_ slot: Slot, _ lease: Lease) {
        waiters.tell(slot, .lost)
        events.put(.leaseLost(identity.delivery(lease.receipt, attempt: lease.attempt)))
    }
}
