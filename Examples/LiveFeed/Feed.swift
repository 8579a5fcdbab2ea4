// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport
import StreamBroker
import Synchronization

/// What one process has seen of the feed: by symbol on the screen, and the alarms.
final class Feed: BrokerObserver {
    /// A line of the screen.
    struct Row: Sendable {
        var received = 0
        var missed = 0
        var cents = 0
        fileprivate var last: Int?
    }

    struct Counts: Sendable {
        var published = 0
        var rows: [String: Row] = [:]
        var alarms = 0
        var retried = 0
        fileprivate var consumers = 0
        fileprivate var closed: [GroupName: Set<String>] = [:]
        fileprivate var symbols: Int?

        var received: Int { rows.values.reduce(0) { $0 + $1.received } }
        var missed: Int { rows.values.reduce(0) { $0 + $1.missed } }

        /// Whether both groups have seen the close of every symbol.
        var isComplete: Bool {
            ["screen", "alarm"].allSatisfy { symbols != nil && closed[$0]?.count == symbols }
        }
    }

    private let counts = Mutex(Counts())
    private let joined = AsyncStream<Void>.makeStream()
    private let complete: @Sendable () -> Void

    /// Calls `complete` once the feed has closed.
    init(complete: @escaping @Sendable () -> Void) {
        self.complete = complete
    }

    var current: Counts { counts.withLock { $0 } }

    /// Waits until this process listens: what is published before is not for it.
    func waitUntilWatched() async {
        for await _ in joined.stream where current.consumers >= 2 { return }
    }

    /// Says how many prices have been published.
    func published(_ count: Int) {
        counts.withLock { $0.published = count }
    }

    /// Shows a price on the screen.
    func show(_ price: Price) {
        note(price, seenBy: "screen") { counts in
            if price.closing == nil { counts.rows[price.symbol, default: Row()].add(price) }
        }
    }

    /// Rings for an alarming price; the line is busy at the first attempt.
    func ring(for price: Price, attempt: Int) throws {
        if price.isAlarming, price.closing == nil, attempt == 1 { throw LineIsBusy() }
        note(price, seenBy: "alarm") { counts in
            if price.isAlarming, price.closing == nil { counts.alarms += 1 }
        }
    }

    func observe(_ event: BrokerEvent) {
        switch event {
        case .subscribed(let consumer) where consumer.group != "trader":
            counts.withLock { $0.consumers += 1 }
            joined.continuation.yield()
        case .settled(let event):
            let retries = event.entries.count { $0.kind == .retry && $0.isCarriedOut }
            counts.withLock { $0.retried += retries }
        default:
            return
        }
    }

    private func note(_ price: Price, seenBy group: GroupName, _ body: (inout Counts) -> Void) {
        let isComplete = counts.withLock { counts in
            body(&counts)
            guard let closing = price.closing else { return false }
            counts.symbols = closing
            counts.closed[group, default: []].insert(price.symbol)
            return counts.isComplete
        }
        if isComplete { complete() }
    }
}

extension Feed.Row {
    /// A watcher that joins later has missed nothing. A number that is left out afterwards was missed.
    fileprivate mutating func add(_ price: Price) {
        missed += price.number - 1 - (last ?? price.number - 1)
        last = price.number
        cents = price.cents
        received += 1
    }
}
