// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Streams, groups and leases as one pure value: the rules of Redis Streams without Redis.
///
/// Every call takes the time as an argument and returns at once. A call that has to wait learns when to look again, and
/// ``takeWakes()`` returns the calls to wake. There is no lock, clock, task or randomness inside, so that each rule can
/// be tested by calling it. ``MemoryProvider`` is a provider around it, and tests compare the Redis provider with it.
package struct MemoryLog: Sendable {
    var streams: [MemoryStream] = []
    var subscriptions: [Int: Subscription] = [:]
    var wakes: [Int] = []
    var places: [StreamName: Int] = [:]
    var patterns: [Int] = []
    /// The bounds of everything that is kept; `nil` if there are none.
    var buffer: MemoryBuffer?
    /// The numbers of consumers that have a subscription or hold a lease.
    var consumers: [ConsumerName: Int32] = [:]
    private var lastConsumer: Int32 = -1
    private var lastNumber = 0
    private let declared: [StreamConfiguration]

    /// Makes a log without streams. Declared streams have their bounds from the start.
    package init(declared: [StreamConfiguration] = []) {
        self.declared = declared
    }

    /// Makes a log that keeps only what a group has not settled yet, within bounds.
    package init(bounds: BufferBounds) {
        self.init()
        buffer = MemoryBuffer(bounds)
    }

    /// Returns the waiters to wake for what has happened since the last call. Each has to look again.
    package mutating func takeWakes() -> [Int] {
        guard !wakes.isEmpty else { return [] }
        defer { wakes.removeAll() }
        return wakes
    }

    /// Returns a number that was never used before.
    mutating func makeNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }
}

/// Streams appear.
extension MemoryLog {
    /// Returns the place of a stream; `nil` if it does not exist.
    func place(of name: StreamName) -> Int? {
        places[name].flatMap { streams[$0].exists ? $0 : nil }
    }

    /// Returns the place of a stream, which is created if it does not exist. Consumers of patterns then join it.
    mutating func makeStream(_ name: StreamName) -> Int {
        let place = reserve(name)
        guard !streams[place].exists else { return place }
        streams[place].exists = true
        // The stream may have existed before: no id is used twice.
        if let buffer { streams[place].entries.advance(to: buffer.lastID) }
        for number in patterns { join(appearing: place, number) }
        return place
    }

    /// Returns the place of a stream, whether or not it exists.
    mutating func reserve(_ name: StreamName) -> Int {
        if let place = places[name] ?? reuse(for: name) { return place }
        let retention =
            name.isReserved
            ? .reserved : declaration(of: name, in: declared, \.selection)?.retention ?? RetentionPolicy()
        streams.append(MemoryStream(name: name, retention: retention))
        places[name] = streams.count - 1
        return streams.count - 1
    }

    /// Returns the declaration of a stream: under its own name, else under the first pattern that matches.
    func declaration<Declaration>(
        of name: StreamName, in list: [Declaration], _ selection: KeyPath<Declaration, StreamSelection>
    ) -> Declaration? {
        list.first { $0[keyPath: selection] == .stream(name) } ?? list.first { $0[keyPath: selection].matches(name) }
    }

    /// Lets a consumer of a pattern join a stream that has just appeared, from its first entry, so that it misses
    /// nothing.
    private mutating func join(appearing place: Int, _ number: Int) {
        guard let subscription = subscriptions[number], subscription.request.selection.matches(streams[place].name)
        else { return }
        join(place, number, from: .earliest)
    }
}

/// Consumers come and go.
extension MemoryLog {
    /// Subscribes a consumer. Returns the number of its subscription.
    package mutating func subscribe(_ request: SubscriptionRequest) -> Int {
        let number = makeNumber()
        let visibility = max(0, request.visibility.nanosecondsSaturating)
        let holder = Holder(consumer: consumerNumber(request.consumer), visibility: visibility)
        subscriptions[number] = Subscription(request: request, holder: holder)
        switch request.selection {
        case .stream(let name):
            let place = makeStream(name)
            streams[place].namedSubscriptions += 1
            join(place, number, from: request.start)
        case .pattern(let pattern):
            for place in streams.indices where streams[place].exists && pattern.matches(streams[place].name) {
                join(place, number, from: request.start)
            }
            patterns.append(number)
        }
        return number
    }

    /// Ends a subscription. The leases of the consumer stay. Its waiters are woken and find the subscription closed.
    package mutating func unsubscribe(_ number: Int) {
        guard let subscription = subscriptions.removeValue(forKey: number) else { return }
        if case .stream(let name) = subscription.request.selection, let place = places[name] {
            streams[place].namedSubscriptions -= 1
        }
        patterns.removeAll { $0 == number }
        wakes += subscription.waiters.map(\.number)
        for path in subscription.paths {
            streams[path.stream].groups[path.group].leave(subscription.holder.consumer)
            streams[path.stream].groups[path.group].waiting.removeAll { waiter in
                subscription.waiters.contains { $0.number == waiter.number }
            }
            streams[path.stream].wakeForNew(in: path.group, &wakes)
        }
        if consumers.count > 2 * subscriptions.count + Self.formerConsumersKept { forgetConsumers() }
    }

    /// How many names of former consumers are kept at least, so that not every consumer that leaves costs a search of
    /// all pending entries.
    private static let formerConsumersKept = 64

    /// Forgets the names of consumers that have left and hold no lease. No number is used twice.
    private mutating func forgetConsumers() {
        var known = Set(subscriptions.values.map(\.holder.consumer))
        for group in streams.flatMap(\.groups) {
            for entry in group.pending.entries where entry.isHeld { known.insert(entry.owner) }
        }
        consumers = consumers.filter { known.contains($0.value) }
    }

    private mutating func join(_ place: Int, _ number: Int, from start: StartPosition) {
        guard var subscription = subscriptions[number] else { return }
        // In a bounded log the entries of a stream without groups are dead letters, for the first group that reads
        // them.
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
