// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The state of a push link as a pure value: which topics are wanted, how often, and which the server has confirmed.
///
/// Connections have numbers; calls of a connection that is not the current one change nothing.
struct PushState<Waiter> {
    /// What to do after a change. Closed by design.
    enum Step {
        case nothing
        /// Tell the current connection that there are requests.
        case flush
        /// Make a connection with this number after this time.
        case connect(Int, after: Duration)
        /// Close the current connection.
        case disconnect
    }

    private enum Phase {
        /// No topic is wanted; can go to connecting.
        case idle
        /// An attempt is under way or scheduled; can go to open, connecting, idle.
        case connecting
        /// Topics are requested and messages come; can go to connecting, idle, paused.
        case open
        /// The receiver takes no more; can go to connecting.
        case paused
        /// For good.
        case closed
    }

    private struct Subscription {
        var references = 0
        var waiters: [Int: Waiter] = [:]
        var isRequested = false
        var isConfirmed = false
        var refusal: RedisError?
    }

    private var phase = Phase.idle
    private var subscriptions: [PushTopic: Subscription] = [:]
    private var requests: [PushRequest] = []
    private let standardBackoff: Backoff
    private var backoff: Backoff
    /// How many requests for each topic wait for a reply.
    private var unconfirmed: [PushTopic: Int] = [:]
    /// Whether every request has had its reply once on this connection: its loss is a gap.
    private var isWhole = false

    /// The number of the current connection.
    private(set) var number = 0
    /// How often messages may have been missed since the link was made.
    private(set) var gaps = 0
    /// Why there is no connection; `nil` once there is one.
    private(set) var lastError: RedisError?

    init(backoff: Backoff) {
        self.backoff = backoff
        standardBackoff = backoff
    }

    var isOpen: Bool { phase == .open }
    var isClosed: Bool { phase == .closed }
    var isPaused: Bool { phase == .paused }
    var topics: some Collection<PushTopic> { subscriptions.keys }
    var confirmed: Int { subscriptions.values.count { $0.isConfirmed } }
    var refusals: [(PushTopic, RedisError)] {
        subscriptions.compactMap { topic, state in state.refusal.map { (topic, $0) } }
    }

    /// Whether `number` is the connection on which topics are requested.
    func isCurrent(_ number: Int) -> Bool { phase == .open && number == self.number }
    /// Whether `number` is the connection that is being made.
    func isAwaited(_ number: Int) -> Bool { phase == .connecting && number == self.number }
}

/// Calls of callers.
extension PushState {
    /// Adds a reference to a topic. A waiter without a result stays.
    mutating func want(
        _ topic: PushTopic, _ waiter: Waiter, _ ticket: Int
    ) -> (result: Result<Void, RedisError>?, step: Step) {
        if isClosed { return (.failure(Self.closed), .nothing) }
        let step = add(topic)
        if subscriptions[topic]?.isConfirmed == true { return (.success(()), step) }
        subscriptions[topic]?.waiters[ticket] = waiter
        return (nil, step)
    }

    /// Adds a reference to a topic, for which nobody waits.
    mutating func add(_ topic: PushTopic) -> Step {
        if isClosed { return .nothing }
        var subscription = subscriptions[topic] ?? Subscription()
        subscription.references += 1
        defer { subscriptions[topic] = subscription }
        switch phase {
        case .idle: return connect(after: .zero)
        case .open where !subscription.isRequested:
            subscription.isRequested = true
            request(topic)
            return .flush
        case .open, .connecting, .paused, .closed: return .nothing
        }
    }

    /// Removes a reference. With the last one the subscription ends, with the last topic the connection is closed.
    mutating func release(_ topic: PushTopic) -> Step {
        guard var subscription = subscriptions[topic] else { return .nothing }
        subscription.references -= 1
        guard subscription.references == 0 else {
            subscriptions[topic] = subscription
            return .nothing
        }
        subscriptions[topic] = nil
        if subscriptions.isEmpty { return rest() }
        guard phase == .open, subscription.isRequested else { return .nothing }
        requests.append(.end(topic))
        return .flush
    }

    /// Removes a waiter and its reference; returns `nil` if it has got its result.
    mutating func giveUp(_ topic: PushTopic, _ ticket: Int) -> (waiter: Waiter, step: Step)? {
        guard let waiter = subscriptions[topic]?.waiters.removeValue(forKey: ticket) else { return nil }
        return (waiter, release(topic))
    }

    /// The receiver takes no more for now; returns whether that is a gap.
    mutating func pause(_ number: Int) -> Bool {
        guard number == self.number, phase == .open else { return false }
        phase = .paused
        return lose()
    }

    /// The receiver takes again.
    mutating func resume() -> Step {
        guard phase == .paused else { return .nothing }
        return connect(after: .zero)
    }

    /// Closes the link; returns the waiters.
    mutating func close() -> [Waiter] {
        phase = .closed
        defer { subscriptions = [:] }
        return subscriptions.values.flatMap { $0.waiters.values }
    }

    private mutating func request(_ topic: PushTopic) {
        unconfirmed[topic, default: 0] += 1
        requests.append(.begin(topic))
    }

    private mutating func connect(after wait: Duration) -> Step {
        phase = .connecting
        number += 1
        return .connect(number, after: wait)
    }

    private mutating func rest() -> Step {
        phase = .idle
        number += 1
        requests = []
        unconfirmed = [:]
        backoff = standardBackoff
        isWhole = false
        return .disconnect
    }

    static var closed: RedisError { RedisError(.closed, "the link has been closed") }
}

/// Calls of the connection.
extension PushState {
    /// A connection is ready for requests; every topic is requested.
    mutating func opened(_ number: Int) -> Bool {
        guard isAwaited(number) else { return false }
        phase = .open
        backoff.succeeded()
        lastError = nil
        for topic in subscriptions.keys {
            request(topic)
            subscriptions[topic]?.isRequested = true
            subscriptions[topic]?.refusal = nil
        }
        return true
    }

    /// Requests the refused topics again: the user may have got the right back.
    mutating func askAgain(_ number: Int) -> Step {
        guard phase == .open, number == self.number else { return .nothing }
        let again = subscriptions.filter { !$0.value.isRequested }.map(\.key)
        for topic in again {
            request(topic)
            subscriptions[topic]?.isRequested = true
        }
        return again.isEmpty ? .nothing : .flush
    }

    /// Requests the sharded channels once more. That changes nothing where the server has their slots, and any other
    /// server refuses it, also one that forgot to say that it gave a slot away.
    mutating func check(_ number: Int) -> Step {
        guard phase == .open, number == self.number else { return .nothing }
        let shards = subscriptions.filter { $0.key.isShard && $0.value.isConfirmed }.map(\.key)
        for topic in shards { request(topic) }
        return shards.isEmpty ? .nothing : .flush
    }

    /// The server has ended a topic by itself: it has given away the slot of a sharded channel. It is asked again,
    /// since it knows who has the slot now. Returns whether that is a gap, and counts it.
    mutating func left(_ topic: PushTopic, _ number: Int) -> (step: Step, isGap: Bool) {
        guard phase == .open, number == self.number, subscriptions[topic]?.isConfirmed == true else {
            return (.nothing, false)
        }
        subscriptions[topic]?.isConfirmed = false
        request(topic)
        gaps += 1
        return (.flush, true)
    }

    /// Takes the requests that are to be written now, in order.
    mutating func takeRequests(_ number: Int) -> [PushRequest] {
        guard phase == .open, number == self.number else { return [] }
        defer { requests = [] }
        return requests
    }

    /// The server replied to the request for a topic; returns the waiters.
    mutating func replied(_ topic: PushTopic, refusal: RedisError?, _ number: Int) -> [Waiter] {
        guard number == self.number, phase == .open else { return [] }
        let left = unconfirmed[topic, default: 1] - 1
        unconfirmed[topic] = left > 0 ? left : nil
        if unconfirmed.isEmpty { isWhole = true }
        // While more replies are due, this one belongs to a request that was withdrawn meanwhile.
        guard left == 0, var subscription = subscriptions[topic] else { return [] }
        let waiters = Array(subscription.waiters.values)
        subscription.isConfirmed = refusal == nil
        subscription.isRequested = refusal == nil
        subscription.refusal = refusal
        // A refused waiter has no reference any more. A subscription that is refused later stays and is requested
        // again.
        if refusal != nil { subscription.references -= waiters.count }
        subscription.waiters = [:]
        subscriptions[topic] = subscription.references > 0 ? subscription : nil
        return waiters
    }

    /// A connection could not be made, or ended.
    ///
    /// - Returns: the waiters that get the error because another attempt is of no use, and whether a gap begins.
    mutating func ended(
        _ number: Int, _ error: RedisError, chance: Double
    ) -> (waiters: [Waiter], step: Step, isGap: Bool) {
        guard number == self.number, phase == .open || phase == .connecting else { return ([], .nothing, false) }
        lastError = error
        if phase == .connecting { backoff.failed(needsHelp: error.needsHelp) }
        let isGap = lose()
        let waiters = error.needsHelp ? takeWaiters() : []
        if subscriptions.isEmpty { return (waiters, rest(), isGap) }
        return (waiters, connect(after: backoff.wait(chance: chance)), isGap)
    }

    /// Nothing is confirmed any more; returns whether that is a gap, and counts it.
    private mutating func lose() -> Bool {
        defer { isWhole = false }
        requests = []
        unconfirmed = [:]
        for topic in subscriptions.keys {
            subscriptions[topic]?.isRequested = false
            subscriptions[topic]?.isConfirmed = false
        }
        if isWhole { gaps += 1 }
        return isWhole
    }

    private mutating func takeWaiters() -> [Waiter] {
        var taken: [Waiter] = []
        for (topic, subscription) in subscriptions where !subscription.waiters.isEmpty {
            taken += subscription.waiters.values
            let left = subscription.references - subscription.waiters.count
            subscriptions[topic]?.waiters = [:]
            subscriptions[topic]?.references = left
            if left == 0 { subscriptions[topic] = nil }
        }
        return taken
    }
}
