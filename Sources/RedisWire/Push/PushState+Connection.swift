// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
    mutating func lose() -> Bool {
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
