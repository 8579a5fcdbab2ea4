// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import StreamBroker
import Synchronization

/// Counts what became of every message of this run, from what the engine tells; nothing here is assumed.
package final class Ledger: BrokerObserver {
    package struct Row: Sendable {
        package var handled = 0
        package var retried = 0
        package var deadLettered = 0
        package var released = 0
    }

    package struct Counts: Sendable {
        package var published = 0
        package var rows: [GroupName: Row] = [:]
        fileprivate var awaited = Awaited()
        fileprivate var isPublished = false

        package var handled: Int { rows.values.reduce(0) { $0 + $1.handled } }
        package var retried: Int { rows.values.reduce(0) { $0 + $1.retried } }
        package var deadLettered: Int { rows.values.reduce(0) { $0 + $1.deadLettered } }
        package var isComplete: Bool { isPublished && awaited.isEmpty }
        package var lost: Int { published * rows.count - handled - deadLettered }
    }

    private let counts = Mutex(Counts())
    private let complete: @Sendable () -> Void

    /// Calls `complete` once every message is accounted for.
    package init(groups: [GroupName], complete: @escaping @Sendable () -> Void) {
        self.complete = complete
        counts.withLock { counts in
            for group in groups { counts.rows[group] = Row() }
        }
    }

    package var current: Counts { counts.withLock { $0 } }

    /// Says what has been published, before any of it is handled.
    package func published(_ ids: [MessageID], to stream: StreamName) {
        change { counts in
            counts.published = ids.count
            counts.awaited.add(ids, to: stream, for: Array(counts.rows.keys))
            counts.isPublished = true
        }
    }

    package func observe(_ event: BrokerEvent) {
        switch event {
        case .settled(let event):
            change { counts in
                for entry in event.entries { counts.note(entry, in: event.consumer.group) }
            }
        case .missing(let consumer, let entry):
            change { $0.awaited.remove(entry.id, of: entry.stream, in: consumer.group) }
        default:
            return
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

extension Ledger.Counts {
    fileprivate mutating func note(_ entry: SettledEvent.Entry, in group: GroupName) {
        let (id, stream) = (entry.receipt.id, entry.receipt.stream)
        guard awaited.contains(id, of: stream, in: group) else { return }
        if entry.isCarriedOut { rows[group, default: Ledger.Row()].count(entry.kind) }
        if entry.isFinal { awaited.remove(id, of: stream, in: group) }
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
