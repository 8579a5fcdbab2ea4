// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// What each consumer has in hand as its events tell, held against its bounds, its clock and its end: a pure value.
///
/// Told a little late at worst, so what is counted here is never more than what the engine counts.
struct HoldingRules: Sendable {
    private struct Hand: Sendable {
        let process: Int
        let group: GroupName
        let capacity: Int
        let visibility: Duration
        var messages: [MessageID: InboundMessage] = [:]
        /// Until when at most the lease of each is good, by what the process has been told.
        var known: [MessageID: Instant] = [:]
    }

    /// A lease that was given and of which the process has not heard yet, and perhaps never will.
    private struct Given: Sendable {
        let process: Int
        let key: LeaseRules.Key
        let attempt: Int
    }

    private var hands: [ConsumerName: Hand] = [:]
    private var underWay: [ConsumerName: [Receipt: Given]] = [:]
    /// A server that has forgotten leases gives them again: what is in hand or just settled under an equal token stays as
    /// it is, and what was given comes again when its lease has run out.
    private var isBlurred = false
    /// The ids that name another message than at first. Who has the former one in hand keeps it when the new one comes
    /// as a retry, and does not hold that until it comes once more.
    private var remade: Set<MessageID> = []
    private var violations: [String] = []

    mutating func remade(_ ids: Set<MessageID>) { remade.formUnion(ids) }

    mutating func blur() { isBlurred = true }

    mutating func takeViolations() -> [String] {
        if violations.isEmpty { return [] }
        defer { violations = [] }
        return violations
    }

    /// A consumer was given a message; the answer is under way.
    mutating func given(_ message: InboundMessage, by request: SubscriptionRequest, of process: Int) {
        let key = LeaseRules.Key(group: request.group, id: message.receipt.id)
        let given = Given(process: process, key: key, attempt: message.attempt)
        underWay[request.consumer, default: [:]][message.receipt] = given
    }

    /// The attempts that a process will take for its own although their leases may have run out: it has stood still, and
    /// will count from when it hears of them.
    func unheard(by process: Int) -> [LeaseRules.Key: Int] {
        var attempts: [LeaseRules.Key: Int] = [:]
        for given in underWay.values.flatMap(\.values) where given.process == process {
            attempts[given.key] = max(attempts[given.key] ?? 0, given.attempt)
        }
        return attempts
    }

    mutating func received(
        _ event: ReceivedEvent, by process: Int, _ member: Situation.Member, room: Int, now: Instant
    ) {
        let consumer = event.consumer.consumer
        var hand =
            hands[consumer]
            ?? Hand(
                process: process, group: event.consumer.group, capacity: room, visibility: member.visibility)
        for message in event.messages {
            underWay[consumer]?[message.receipt] = nil
            hand.messages[message.receipt.id] = message
            hand.known[message.receipt.id] = now + hand.visibility
        }
        hands[consumer] = hand
        if isBlurred { return }
        let held = hand.messages.values.filter { !remade.contains($0.receipt.id) }
        if held.count > hand.capacity {
            violations.append("\(consumer) holds \(held.count) messages, its room is \(hand.capacity)")
        }
        let suspects = held.count { $0.isSuspect }
        if suspects > 1 { violations.append("\(consumer) holds \(suspects) suspects") }
    }

    /// A lease was extended or renewed on the server; the process may hear of it later, or never.
    mutating func extended(_ id: MessageID, by consumer: ConsumerName, now: Instant) {
        guard let hand = hands[consumer], hand.messages[id] != nil else { return }
        hands[consumer]?.known[id] = now + hand.visibility
    }

    /// A handler begins: nobody runs what cannot be his any more, by his own clock.
    mutating func begins(_ key: LeaseRules.Key, in process: Int, now: Instant) {
        let hands = hands.values.filter { $0.process == process && $0.group == key.group }
        guard let end = hands.compactMap({ $0.known[key.id] }).max(), end <= now else { return }
        violations.append("\(key.id) was begun \(now - end) after its lease had run out")
    }

    mutating func dropped(_ id: MessageID, by consumer: ConsumerName) {
        hands[consumer]?.messages[id] = nil
        hands[consumer]?.known[id] = nil
    }

    /// A consumer has left its group, and may have left leases behind: another of the same process may have them next.
    mutating func left(_ consumer: ConsumerName) { hands[consumer]?.known = [:] }

    /// `run()` of a process has returned without an error: of what it knew it holds nothing any more.
    mutating func ended(_ process: Int, _ entries: [LeaseRules.Key: LeaseRules.Entry]) {
        if isBlurred { return }
        for (consumer, hand) in hands where hand.process == process {
            for id in hand.messages.keys.sorted() where !remade.contains(id) {
                guard case .held(by: consumer, _, _) = entries[.init(group: hand.group, id: id)]?.state else {
                    continue
                }
                violations.append("\(process) has ended and said that all is settled, and it still holds \(id)")
            }
            hands[consumer] = nil
        }
    }
}
