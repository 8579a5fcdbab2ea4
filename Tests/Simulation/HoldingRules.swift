// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// What each consumer has in hand as its events tell, held against its bounds: a pure value.
///
/// Told a little late at worst, so what is counted here is never more than what the engine counts.
struct HoldingRules: Sendable {
    private struct Hand: Sendable {
        var capacity: Int
        var messages: [MessageID: InboundMessage] = [:]
    }

    private var hands: [ConsumerName: Hand] = [:]
    /// A server that has forgotten leases gives older ones of messages in hand, which change nothing there.
    private var isBlurred = false
    private var violations: [String] = []

    mutating func blur() { isBlurred = true }

    mutating func takeViolations() -> [String] {
        defer { violations = [] }
        return violations
    }

    mutating func received(_ event: ReceivedEvent, capacity: Int) {
        let consumer = event.consumer.consumer
        var hand = hands[consumer] ?? Hand(capacity: capacity)
        for message in event.messages { hand.messages[message.receipt.id] = message }
        hands[consumer] = hand
        if hand.messages.count > capacity {
            violations.append("\(consumer) holds \(hand.messages.count) messages, its room is \(capacity)")
        }
        if isBlurred { return }
        let suspects = hand.messages.values.count { $0.isSuspect }
        if suspects > 1 { violations.append("\(consumer) holds \(suspects) suspects") }
    }

    mutating func dropped(_ id: MessageID, by consumer: ConsumerName) {
        hands[consumer]?.messages[id] = nil
    }
}
