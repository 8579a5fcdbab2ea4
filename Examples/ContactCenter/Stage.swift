// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// A part of the contact center that can run in a process of its own.
enum Stage: String, CaseIterable, Sendable {
    /// Publishes inquiries.
    case intake
    /// Reads what comes in, and chooses the desk.
    case classifier
    /// The desks: each answers, or asks a supervisor.
    case billing, technical, retention
    /// Returns what a desk could not.
    case escalation
    /// Those who hear of every answer.
    case feedback

    static let audience: [GroupName] = ["archive", "coaching", "dashboard"]

    /// Connects the stage's streams.
    func register(on registry: BrokerRegistry, _ ledger: Ledger) {
        switch self {
        case .intake: return
        case .classifier: registerClassifier(on: registry)
        case .billing, .technical, .retention: registerDesk(on: registry)
        case .escalation: registerSupervisor(on: registry)
        case .feedback: registerAudience(on: registry, ledger)
        }
    }

    private func registerClassifier(on registry: BrokerRegistry) {
        let desks = Topic.allCases.map(\.stream.text)
        registry.connect("intake.*", group: "classifier", to: desks, as: Inquiry.self) { inquiry, _ in
            try await work(milliseconds: 5)
            let ticket = Ticket(number: inquiry.number, customer: inquiry.customer, topic: inquiry.topic)
            return [.to(ticket.topic.stream, ticket, key: ticket.customer)]
        }
    }

    private func registerDesk(on registry: BrokerRegistry) {
        registry.connect(rawValue, group: "desk", to: ["feedback", "escalation"], as: Ticket.self) { ticket, _ in
            try await work(milliseconds: 20)
            if ticket.isHard { return [.to("escalation", ticket)] }
            return [.to("feedback", Answer(number: ticket.number, topic: ticket.topic, isEscalated: false))]
        }
    }

    private func registerSupervisor(on registry: BrokerRegistry) {
        registry.connect("escalation", group: "supervisor", to: "feedback", as: Ticket.self) { ticket, delivery in
            // The deadline of the group ends this wait, and the next attempt is somebody else.
            let isAway = ticket.isForgotten && delivery.attempt == 1
            try await work(milliseconds: isAway ? 60_000 : 10)
            return Answer(number: ticket.number, topic: ticket.topic, isEscalated: true)
        }
    }

    private func registerAudience(on registry: BrokerRegistry, _ ledger: Ledger) {
        for group in Self.audience {
            registry.handle("feedback", group: group, as: Answer.self) { answer, delivery in
                ledger.heard(answer, of: delivery.correlationID, as: delivery.id, in: group)
            }
        }
    }
}

/// Stands for people and models that need their time.
private func work(milliseconds: Int) async throws {
    try await Task.sleep(for: .milliseconds(milliseconds))
}
