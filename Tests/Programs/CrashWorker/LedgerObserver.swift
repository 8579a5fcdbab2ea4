// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Writes into the ledger what the engine tells.
struct LedgerObserver: BrokerObserver {
    let ledger: Ledger

    func observe(_ event: BrokerEvent) {
        switch event {
        case .received(let event):
            for message in event.messages {
                ledger.note("got", name(message.receipt), "\(message.attempt)", "\(message.origin)")
            }
        case .settled(let event):
            for entry in event.entries {
                let name = name(entry.receipt)
                ledger.note("settled", name, "\(entry.attempt)", entry.kind.rawValue, entry.outcome.rawValue)
            }
        case .subscribed: ledger.note("subscribed")
        case .leaseLost(let delivery): ledger.note("lost", name(delivery), "\(delivery.attempt)")
        case .missing(_, let entry): ledger.note("missing", Ledger.name(entry.id, in: entry.stream))
        case .settlementRefused(let delivery, let error): ledger.note("refused", name(delivery), "\(error)")
        case .callFailed(_, let call, let error, _, _): ledger.note("failed", call.rawValue, "\(error)")
        case .callRecovered(_, let call): ledger.note("recovered", call.rawValue)
        default: return
        }
    }

    private func name(_ receipt: Receipt) -> String { Ledger.name(receipt.id, in: receipt.stream) }

    private func name(_ delivery: DeliveryIdentity) -> String { Ledger.name(delivery.id, in: delivery.stream) }
}
