// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Synchronization

/// Counts what became of every message, from what the engine tells; nothing here is assumed.
final class Ledger: BrokerObserver {
    struct Row: Sendable {
        var handled = 0
        var retried = 0
        var deadLettered = 0
        var released = 0
    }

    struct Counts: Sendable {
        var published = 0
        var expected = Int.max
        var rows: [String: Row] = [:]

        var handled: Int { rows.values.reduce(0) { $0 + $1.handled } }
        var retried: Int { rows.values.reduce(0) { $0 + $1.retried } }
        var deadLettered: Int { rows.values.reduce(0) { $0 + $1.deadLettered } }
        var isComplete: Bool { handled + deadLettered >= expected }
        var lost: Int { published * rows.count - handled - deadLettered }
    }

    private let counts = Mutex(Counts())
    private let complete: @Sendable () -> Void

    /// Calls `complete` once every message is accounted for.
    init(groups: [String], complete: @escaping @Sendable () -> Void) {
        self.complete = complete
        counts.withLock { counts in
            for group in groups { counts.rows[group] = Row() }
        }
    }

    var current: Counts { counts.withLock { $0 } }

    func published(_ count: Int) {
        change { counts in
            counts.published = count
            counts.expected = count * counts.rows.count
        }
    }

    func observe(_ event: BrokerEvent) {
        guard case .settled(let event) = event else { return }
        change { counts in
            for entry in event.entries where entry.result == .done {
                counts.rows[event.consumer.group.text, default: Row()].count(entry.kind)
            }
        }
    }

    private func change(_ body: (inout Counts) -> Void) {
        let isComplete = counts.withLock { counts in
            body(&counts)
            return counts.isComplete
        }
        if isComplete { complete() }
    }
}

extension Ledger.Row {
    fileprivate mutating func count(_ kind: SettledEvent.Kind) {
        switch kind {
        case .ack: handled += 1
        case .retry: retried += 1
        case .deadLetter: deadLettered += 1
        case .release: released += 1
        case .discard, .forward: return
        }
    }
}
