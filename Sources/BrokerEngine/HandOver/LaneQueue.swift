// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import DequeModule

/// Station 3 of 6: the messages that wait for a lane, and the order in which they may leave. A pure value.
///
/// Without an order everything that waits is takable by any lane. With one, a key has at most one message that is
/// takable, running or waiting for a retry; the others of that key stand behind it, the oldest first.
package struct LaneQueue: Sendable {
    /// What is kept in order: messages with the same key of the same stream, or all of a stream.
    struct OrderKey: Hashable, Sendable {
        let stream: StreamName
        let key: String?
    }

    /// What is known of a key that is busy.
    private struct Busy {
        /// Messages of the key that are ready, in a handler, or waiting for a retry in place.
        var active = 1
        /// Those of them whose wait for a retry is over, while the rest of their batch is not done with.
        var resumed: [Held] = []
        /// Those that stand behind them, the oldest first.
        var behind: Deque<Held> = []
    }

    package let ordering: Ordering
    private var ready: Deque<Held> = []
    private var busy: [OrderKey: Busy] = [:]
    private var taken: [Slot: OrderKey] = [:]
    private var inPlace: [Slot: Held] = [:]
    private var resumedEarly: Set<Slot> = []
    /// What waits behind its key.
    package private(set) var backlog: Backlog
    package private(set) var isClosed = false

    package init(ordering: Ordering, backlog limits: BacklogLimits = BacklogLimits()) {
        self.ordering = ordering
        backlog = Backlog(limits: limits)
    }

    /// Whether a lane that asked now would get something.
    package var hasReady: Bool { !ready.isEmpty }
    /// How many lanes that asked now would get something.
    package var readyCount: Int { ready.count }

    /// Takes in what was fetched; returns what has to wait behind its key and shares its memory with much else.
    @discardableResult
    package mutating func push(_ messages: [Held]) -> [Held] {
        guard ordering != .none else {
            ready.append(contentsOf: messages)
            return []
        }
        var sharing: [Held] = []
        for held in messages where !pushInOrder(held) && held.sharesMuch { sharing.append(held) }
        return sharing
    }

    /// Returns whether the message is ready.
    private mutating func pushInOrder(_ held: Held) -> Bool {
        guard let key = orderKey(of: held) else {
            ready.append(held)
            return true
        }
        guard busy[key] != nil else {
            busy[key] = Busy()
            ready.append(held)
            return true
        }
        busy[key]?.behind.insert(held, inOrderOf: held.id)
        backlog.add(held)
        return false
    }

    private func orderKey(of held: Held) -> OrderKey? {
        switch ordering {
        case .none: nil
        case .key: held.key.map { OrderKey(stream: held.stream, key: $0) }
        case .stream: OrderKey(stream: held.stream, key: nil)
        }
    }

    /// Takes the next message.
    package mutating func take() -> Held? {
        guard let held = ready.popFirst() else { return nil }
        if let key = orderKey(of: held) { taken[held.slot] = key }
        return held
    }

    /// Takes more for a batch that has `first`: with an order only of its key, else whatever is ready.
    package mutating func takeMore(_ limit: Int, with first: Held) -> [Held] {
        guard limit > 0 else { return [] }
        guard let key = orderKey(of: first) else { return takeMoreUnordered(limit) }
        guard let waiting = busy[key]?.behind.prefix(limit), !waiting.isEmpty else { return [] }
        let more = Array(waiting)
        busy[key]?.behind.removeFirst(more.count)
        busy[key]?.active += more.count
        for held in more {
            taken[held.slot] = key
            backlog.remove(held)
        }
        return more
    }

    private mutating func takeMoreUnordered(_ limit: Int) -> [Held] {
        var more: [Held] = []
        while more.count < limit, let next = ready.first, orderKey(of: next) == nil {
            more.append(next)
            ready.removeFirst()
        }
        return more
    }

    /// Lets the next message of the same key through, once all that were taken of it are done with.
    package mutating func finish(_ slot: Slot) {
        resumedEarly.remove(slot)
        guard let key = taken.removeValue(forKey: slot) else { return }
        busy[key]?.active -= 1
        letThrough(key)
    }

    /// The messages of a failed batch keep their order: they go on together, the oldest first.
    private mutating func letThrough(_ key: OrderKey) {
        guard var state = busy[key], state.active == state.resumed.count else { return }
        for held in state.resumed { state.behind.insert(held, inOrderOf: held.id) }
        state.resumed = []
        let next = state.behind.popFirst()
        if let next {
            ready.append(next)
            backlog.remove(next)
        }
        state.active = 1
        busy[key] = next == nil ? nil : state
    }

    /// Keeps a message in its lane until ``resume(_:)``; its key stays busy.
    package mutating func keepInPlace(_ held: Held) {
        backlog.add(held)
        if resumedEarly.remove(held.slot) != nil {
            makeTakable(held)
        } else {
            inPlace[held.slot] = held
        }
    }

    private mutating func makeTakable(_ held: Held) {
        guard let key = orderKey(of: held), busy[key] != nil else {
            ready.append(held)
            backlog.remove(held)
            return
        }
        busy[key]?.resumed.append(held)
        letThrough(key)
    }

    /// Makes a message that was kept in place takable again.
    ///
    /// The timer may be quicker than the lane. Then the message is takable as soon as it is kept.
    package mutating func resume(_ slot: Slot) {
        if let held = inPlace.removeValue(forKey: slot) {
            makeTakable(held)
        } else if !isClosed {
            resumedEarly.insert(slot)
        }
    }

    /// Hands nothing over any more; returns everything that waited.
    package mutating func close() -> [Held] {
        isClosed = true
        let left = Array(ready) + busy.values.flatMap { $0.resumed + $0.behind } + inPlace.values
        ready = []
        busy = [:]
        inPlace = [:]
        backlog.removeAll()
        return left.sorted { ($0.id, $0.stream) < ($1.id, $1.stream) }
    }
}

extension Deque<Held> {
    /// Inserts behind every message that is not younger.
    fileprivate mutating func insert(_ held: Held, inOrderOf id: MessageID) {
        let position = lastIndex { $0.id <= id }.map { $0 + 1 } ?? 0
        insert(held, at: position)
    }
}
