// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Synchronization

/// Keeps the tally: told by the publisher, by the handler, and by the engine of what it settles. As a middleware it
/// sees each handler begin and end.
final class Ledger: BrokerObserver, BrokerMiddleware {
    private let tally: Mutex<Tally>
    private let complete: @Sendable () -> Void

    /// Calls `complete` once every webhook of this run is accounted for.
    init(group: GroupName, complete: @escaping @Sendable () -> Void) {
        tally = Mutex(Tally(group: group))
        self.complete = complete
    }

    var current: Tally { tally.withLock { $0 } }

    func begin() { change { $0.begin(at: .now) } }

    func published(_ ids: [MessageID], to stream: StreamName) { change { $0.add(ids, to: stream) } }

    func countBadLine() { change { $0.countBadLine() } }

    func end() { change { $0.end(at: .now) } }

    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        let (id, stream, key) = (delivery.id, delivery.stream, delivery.message.key)
        change { $0.beginHandling(id, of: stream, key: key) }
        defer { change { $0.endHandling(id, of: stream, key: key) } }
        try await next(delivery)
    }

    func tell(_ webhook: Webhook, _ delivery: Delivery) {
        let finding = Tally.Finding(
            event: webhook.event, key: webhook.key, action: webhook.payload.action,
            bytes: delivery.message.payload.count)
        change { $0.find(finding, in: delivery.id, of: delivery.stream) }
    }

    func observe(_ event: BrokerEvent) {
        switch event {
        case .settled(let event):
            change { tally in
                for entry in event.entries { tally.note(entry, at: .now) }
            }
        case .missing(_, let entry):
            change { $0.remove(entry.id, of: entry.stream, at: .now) }
        default:
            return
        }
    }

    private func change(_ body: (inout Tally) -> Void) {
        let isComplete = tally.withLock { tally in
            body(&tally)
            return tally.isComplete
        }
        if isComplete { complete() }
    }
}
