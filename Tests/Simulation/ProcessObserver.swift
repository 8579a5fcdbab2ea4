// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// Writes down what the engine of one process tells; a dead process tells nothing.
struct ProcessObserver: BrokerObserver {
    let process: Int
    let member: Situation.Member
    /// How many messages each of its consumers may hold.
    let room: Int
    let chronicle: Chronicle

    func observe(_ event: BrokerEvent) {
        if chronicle.read({ $0.handling.isDead(process) }) { return }
        switch event {
        case .received(let received):
            chronicle.note("\(process) received \(received.messages.count)") { rules, now in
                for message in received.messages {
                    let key = LeaseRules.Key(group: received.consumer.group, id: message.receipt.id)
                    rules.handling.regained(key, message.attempt, in: process)
                    guard message.origin == .new, let number = Int(message.message.payload.string) else { continue }
                    rules.handling.came(number, as: key, to: received.consumer.consumer)
                }
                rules.holding.received(received, by: process, member, room: room, now: now)
            }
        case .settled(let settled): observe(settled)
        case .leaseLost(let delivery): part(delivery, isAbandoned: false)
        case .laneReplaced(let delivery): part(delivery, isAbandoned: true)
        case .missing(let consumer, let entry):
            note("missing \(entry.id)") { $0.holding.dropped(entry.id, by: consumer.consumer) }
        case .cancelled(_, let reason): chronicle.note("\(process) cancels: \(reason)")
        case .callFailed(let consumer, let call, _, let count, _):
            chronicle.note("\(process) \(consumer.group) \(call) failed \(count)")
        case .abandoned(_, let count): chronicle.note("\(process) abandons \(count)")
        case .subscribed(let consumer): chronicle.note("\(process) joins \(consumer.group)")
        case .unsubscribed(let consumer):
            note("leaves \(consumer.group)") { $0.holding.left(consumer.consumer) }
        default: break
        }
    }

    private func observe(_ settled: SettledEvent) {
        let text = settled.entries.map { "\($0.kind) \($0.receipt.id) \($0.outcome)" }
        note("settled \(text)") { rules in
            for entry in settled.entries where entry.outcome != .refused {
                rules.leases.told(entry, settled.consumer.group)
                rules.holding.dropped(entry.receipt.id, by: settled.consumer.consumer)
            }
        }
    }

    private func part(_ delivery: DeliveryIdentity, isAbandoned: Bool) {
        let key = LeaseRules.Key(group: delivery.consumer.group, id: delivery.id)
        chronicle.note("\(process) \(isAbandoned ? "puts aside" : "lost") \(delivery.id)") { rules, now in
            rules.handling.parted(key, delivery.attempt, in: process, isAbandoned: isAbandoned, now: now)
            if !isAbandoned { rules.holding.dropped(delivery.id, by: delivery.consumer.consumer) }
        }
    }

    private func note(_ line: String, _ body: (inout Chronicle.Rules) -> Void) {
        chronicle.note("\(process) \(line)") { rules, _ in body(&rules) }
    }
}
