// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Synchronization

/// Says what becomes of the messages, and counts them.
///
/// A message counts once for each kind: one that is handed back while a read is still under way may come again at once.
final class Ledger: BrokerObserver {
    private let counts = Mutex<[SettledEvent.Kind: Set<MessageID>]>([:])

    func observe(_ event: BrokerEvent) {
        switch event {
        case .settled(let event):
            for entry in event.entries where entry.outcome == .done {
                counts.withLock { _ = $0[entry.kind, default: []].insert(entry.receipt.id) }
                Speech.say("settled \(entry.kind.rawValue)")
            }
        case .draining: Speech.say("draining")
        default: return
        }
    }

    /// `ledger ack=2 retry=0 …`
    var text: String {
        let counts = counts.withLock { $0 }
        return "ledger "
            + SettledEvent.Kind.allCases.map { "\($0.rawValue)=\(counts[$0]?.count ?? 0)" }.joined(separator: " ")
    }
}
