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

    enum Phase {
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

    struct Subscription {
        var references = 0
        var waiters: [Int: Waiter] = [:]
        var isRequested = false
        var isConfirmed = false
        var refusal: RedisError?
    }

    var phase = Phase.idle
    var subscriptions: [PushTopic: Subscription] = [:]
    var requests: [PushRequest] = []
    let standardBackoff: Backoff
    var backoff: Backoff
    /// How many requests for each topic wait for a reply.
    var unconfirmed: [PushTopic: Int] = [:]
    /// Whether every request has had its reply once on this connection: its loss is a gap.
    var isWhole = false

    /// The number of the current connection.
    var number = 0
    /// How often messages may have been missed since the link was made.
    var gaps = 0
    /// Why there is no connection; `nil` once there is one.
    var lastError: RedisError?

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

    /// The server is another one from now on; returns whether a gap begins.
    mutating func leave() -> (step: Step, isGap: Bool) {
        guard phase == .open || phase == .connecting else { return (.nothing, false) }
        backoff = standardBackoff
        let isGap = lose()
        return (connect(after: .zero), isGap)
    }

    /// Closes the link; returns the waiters.
    mutating func close() -> [Waiter] {
        phase = .closed
        defer { subscriptions = [:] }
        return subscriptions.values.flatMap { $0.waiters.values }
    }

    mutating func request(_ topic: PushTopic) {
        unconfirmed[topic, default: 0] += 1
        requests.append(.begin(topic))
    }

    mutating func connect(after wait: Duration) -> Step {
        phase = .connecting
        number += 1
        return .connect(number, after: wait)
    }

    mutating func rest() -> Step {
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
