// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a push link is about, as a pure value: which topics are wanted, by how many, and what the server has confirmed.
///
/// Connections have numbers; what is said by another one than the current is void.
struct PushState<Waiter> {
    /// What is to be done after a change. Closed by design.
    enum Step {
        case nothing
        /// Tells the current connection that something is to be written.
        case flush
        /// Makes a connection of that number, not before so long.
        case connect(Int, after: Duration)
        /// Closes the current connection.
        case disconnect
    }

    private enum Phase {
        /// Nothing is wanted; can go to connecting.
        case idle
        /// A connection is being made, or waited for; can go to open, connecting, idle.
        case connecting
        /// Topics are asked for and messages come; can go to connecting, idle, paused.
        case open
        /// The receiver takes no more; can go to connecting.
        case paused
        /// For good.
        case closed
    }

    private struct Subscription {
        var references = 0
        var waiters: [Int: Waiter] = [:]
        var isAsked = false
        var isConfirmed = false
        var refusal: RedisError?
    }

    private var phase = Phase.idle
    private var subscriptions: [PushTopic: Subscription] = [:]
    private var requests: [PushRequest] = []
    private let standardBackoff: Backoff
    private var backoff: Backoff
    /// How many requests for each topic the server has not answered.
    private var unanswered: [PushTopic: Int] = [:]
    /// Whether everything that was asked for had been answered once on this connection: its loss is a gap.
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

    /// Whether `number` is the connection that is being made.
    func isAwaited(_ number: Int) -> Bool { phase == .connecting && number == self.number }
}

/// What callers want.
extension PushState {
    /// Adds a reference to a topic; a waiter that is not answered at once stays.
    mutating func want(
        _ topic: PushTopic, _ waiter: Waiter, _ ticket: Int
    ) -> (answer: Result<Void, RedisError>?, step: Step) {
        if isClosed { return (.failure(Self.closed), .nothing) }
        var subscription = subscriptions[topic] ?? Subscription()
        subscription.references += 1
        defer { subscriptions[topic] = subscription }
        if subscription.isConfirmed { return (.success(()), .nothing) }
        subscription.waiters[ticket] = waiter
        switch phase {
        case .idle: return (nil, connect(after: .zero))
        case .open where !subscription.isAsked:
            subscription.isAsked = true
            ask(topic)
            return (nil, .flush)
        case .open, .connecting, .paused, .closed: return (nil, .nothing)
        }
    }

    /// Gives a reference back; with the last one the topic is no longer listened to, with the last topic the connection
    /// is closed.
    mutating func release(_ topic: PushTopic) -> Step {
        guard var subscription = subscriptions[topic] else { return .nothing }
        subscription.references -= 1
        guard subscription.references == 0 else {
            subscriptions[topic] = subscription
            return .nothing
        }
        subscriptions[topic] = nil
        if subscriptions.isEmpty { return rest() }
        guard phase == .open, subscription.isAsked else { return .nothing }
        requests.append(.end(topic))
        return .flush
    }

    /// Takes back what a waiter wanted; `nil` when it has been answered.
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

    /// Closes the link; returns who waited.
    mutating func close() -> [Waiter] {
        phase = .closed
        defer { subscriptions = [:] }
        return subscriptions.values.flatMap { $0.waiters.values }
    }

    private mutating func ask(_ topic: PushTopic) {
        unanswered[topic, default: 0] += 1
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
        unanswered = [:]
        backoff = standardBackoff
        isWhole = false
        return .disconnect
    }

    static var closed: RedisError { RedisError(.closed, "the link has been closed") }
}

/// What the server says.
extension PushState {
    /// A connection is ready for requests; every topic is asked for.
    mutating func opened(_ number: Int) -> Bool {
        guard isAwaited(number) else { return false }
        phase = .open
        backoff.succeeded()
        lastError = nil
        for topic in subscriptions.keys {
            ask(topic)
            subscriptions[topic]?.isAsked = true
            subscriptions[topic]?.refusal = nil
        }
        return true
    }

    /// Asks again for what the server refused: rights may have come back.
    mutating func askAgain(_ number: Int) -> Step {
        guard phase == .open, number == self.number else { return .nothing }
        let again = subscriptions.filter { !$0.value.isAsked }.map(\.key)
        for topic in again {
            ask(topic)
            subscriptions[topic]?.isAsked = true
        }
        return again.isEmpty ? .nothing : .flush
    }

    /// What is to be written now, in order.
    mutating func takeRequests(_ number: Int) -> [PushRequest] {
        guard phase == .open, number == self.number else { return [] }
        defer { requests = [] }
        return requests
    }

    /// The server answered the request for a topic; returns who waited for that.
    mutating func answered(_ topic: PushTopic, refusal: RedisError?, _ number: Int) -> [Waiter] {
        guard number == self.number, phase == .open else { return [] }
        let left = unanswered[topic, default: 1] - 1
        unanswered[topic] = left > 0 ? left : nil
        if unanswered.isEmpty { isWhole = true }
        // With more to come this answers a request that has been taken back meanwhile.
        guard left == 0, var subscription = subscriptions[topic] else { return [] }
        let waiters = Array(subscription.waiters.values)
        subscription.isConfirmed = refusal == nil
        subscription.isAsked = refusal == nil
        subscription.refusal = refusal
        // Who is refused at the beginning has no reference any more; who was refused later waits for better times.
        if refusal != nil { subscription.references -= waiters.count }
        subscription.waiters = [:]
        subscriptions[topic] = subscription.references > 0 ? subscription : nil
        return waiters
    }

    /// A connection could not be made, or ended. Answers who is told, because trying again is of no use to them, and
    /// whether messages may be missed from now on that came until now.
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
        unanswered = [:]
        for topic in subscriptions.keys {
            subscriptions[topic]?.isAsked = false
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
