// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Streams, groups and leases as one pure value: the rules of Redis Streams without Redis.
///
/// Every call is given the time and answers at once; whoever has to wait is told when to look again, and whoever has to
/// be woken is named in ``takeWakes()``. There is no lock, clock, task or chance inside, so that each rule can be
/// tested by calling it. ``MemoryProvider`` makes a provider of it, and what the Redis provider does is compared with
/// it.
package struct MemoryLog: Sendable {
    var streams: [MemoryStream] = []
    var subscriptions: [Int: Subscription] = [:]
    var wakes: [Int] = []
    var places: [StreamName: Int] = [:]
    var patterns: [Int] = []
    /// What bounds everything that is kept; `nil` when nothing does.
    var buffer: MemoryBuffer?
    /// The consumers that have a subscription or hold something, by number.
    var consumers: [ConsumerName: Int32] = [:]
    private var lastConsumer: Int32 = -1
    private var lastNumber = 0
    private let declared: [StreamConfiguration]

    /// Makes a log without streams; the declared ones have their bounds from the start.
    package init(declared: [StreamConfiguration] = []) {
        self.declared = declared
    }

    /// Makes a log that keeps only what a group has still to settle, and no more than the bounds allow.
    package init(bounds: BufferBounds) {
        self.init()
        buffer = MemoryBuffer(bounds)
    }

    /// The waiters to wake for what has happened since this was last asked; each has to look again.
    package mutating func takeWakes() -> [Int] {
        guard !wakes.isEmpty else { return [] }
        defer { wakes.removeAll() }
        return wakes
    }

    /// A number that was never given before.
    mutating func makeNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }
}

/// Streams come into being.
extension MemoryLog {
    /// The place of a stream that exists.
    func place(of name: StreamName) -> Int? {
        places[name].flatMap { streams[$0].exists ? $0 : nil }
    }

    /// The place of a stream, which is created when it does not exist; consumers of patterns join it then.
    mutating func makeStream(_ name: StreamName) -> Int {
        let place = reserve(name)
        guard !streams[place].exists else { return place }
        streams[place].exists = true
        // A stream may have been here before: no id is given twice.
        if let buffer { streams[place].entries.advance(to: buffer.lastID) }
        for number in patterns { join(appearing: place, number) }
        return place
    }

    /// The place of a stream, whether it exists or not.
    mutating func reserve(_ name: StreamName) -> Int {
        if let place = places[name] ?? reuse(for: name) { return place }
        let retention =
            name.isReserved
            ? .reserved : declaration(of: name, in: declared, \.selection)?.retention ?? RetentionPolicy()
        streams.append(MemoryStream(name: name, retention: retention))
        places[name] = streams.count - 1
        return streams.count - 1
    }

    /// What is declared for a stream: under its own name, else under the first pattern that matches.
    func declaration<Declaration>(
        of name: StreamName, in list: [Declaration], _ selection: KeyPath<Declaration, StreamSelection>
    ) -> Declaration? {
        list.first { $0[keyPath: selection] == .stream(name) } ?? list.first { $0[keyPath: selection].matches(name) }
    }

    /// A consumer of a pattern joins a stream that has just appeared, from its first entry: nothing may be missed.
    private mutating func join(appearing place: Int, _ number: Int) {
        guard let subscription = subscriptions[number], subscription.request.selection.matches(streams[place].name)
        else { return }
        join(place, number, from: .earliest)
    }
}

/// Consumers come and go.
extension MemoryLog {
    /// Subscribes a consumer; returns the number of its subscription.
    package mutating func subscribe(_ request: SubscriptionRequest) -> Int {
        let number = makeNumber()
        let visibility = max(0, request.visibility.nanosecondsSaturating)
        let holder = Holder(consumer: consumerNumber(request.consumer), visibility: visibility)
        subscriptions[number] = Subscription(request: request, holder: holder)
        switch request.selection {
        case .stream(let name):
            let place = makeStream(name)
            streams[place].anchors += 1
            join(place, number, from: request.start)
        case .pattern(let pattern):
            for place in streams.indices where streams[place].exists && pattern.matches(streams[place].name) {
                join(place, number, from: request.start)
            }
            patterns.append(number)
        }
        return number
    }

    /// A consumer leaves. What it holds stays leased; its waiters are woken and find the subscription closed.
    package mutating func unsubscribe(_ number: Int) {
        guard let subscription = subscriptions.removeValue(forKey: number) else { return }
        if case .stream(let name) = subscription.request.selection, let place = places[name] {
            streams[place].anchors -= 1
        }
        patterns.removeAll { $0 == number }
        wakes += subscription.waiters.map(\.number)
        for path in subscription.paths {
            streams[path.stream].groups[path.group].leave(subscription.holder.consumer)
            streams[path.stream].groups[path.group].waiting.removeAll { waiter in
                subscription.waiters.contains { $0.number == waiter.number }
            }
            streams[path.stream].summonForNew(in: path.group, &wakes)
        }
        if consumers.count > 2 * subscriptions.count + Self.strangers { forgetConsumers() }
    }

    /// So many names are kept of consumers that have left, lest each that leaves costs a look at all that is pending.
    private static let strangers = 64

    /// Forgets the names of those who have left and hold nothing any more; no number is given twice.
    private mutating func forgetConsumers() {
        var known = Set(subscriptions.values.map(\.holder.consumer))
        for group in streams.flatMap(\.groups) {
            for entry in group.pending.entries where entry.isHeld { known.insert(entry.owner) }
        }
        consumers = consumers.filter { known.contains($0.value) }
    }

    private mutating func join(_ place: Int, _ number: Int, from start: StartPosition) {
        guard var subscription = subscriptions[number] else { return }
        // What a bounded log keeps of a stream without groups are dead letters, for whoever comes for them.
        let isUnread = buffer != nil && !streams[place].groups.contains(where: \.exists)
        let start = isUnread ? .earliest : start
        let path = Subscription.Path(
            stream: place, group: streams[place].makeGroup(subscription.request.group, from: start))
        guard !subscription.paths.contains(path) else { return }
        subscription.paths.append(path)
        subscriptions[number] = subscription
        streams[place].groups[path.group].join(subscription.holder.consumer)
        streams[place].groups[path.group].waiting += subscription.waiters
    }

    private mutating func consumerNumber(_ name: ConsumerName) -> Int32 {
        if let number = consumers[name] { return number }
        lastConsumer &+= 1
        consumers[name] = lastConsumer
        return lastConsumer
    }
}
