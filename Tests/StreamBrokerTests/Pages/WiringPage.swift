// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// The code of docs/wiring.md.
private enum WiringPage {
    struct Inquiry: Codable, Sendable {
        var number: Int
        var text: String
    }

    struct Ticket: Codable, Sendable {
        var number: Int
        var topic: String
        var isAboutMoney: Bool { topic == "money" }
    }

    struct Resolution: Codable, Sendable {
        var text: String
    }

    static func connect(_ registry: BrokerRegistry) {
        registry.connect("intake", group: "classifier", to: "tickets", as: Inquiry.self) { inquiry, delivery in
            Ticket(number: inquiry.number, topic: try await classify(inquiry.text))
        }
    }

    static func route(_ registry: BrokerRegistry) {
        registry.connect("tickets", group: "router", to: ["billing", "technical"], as: Ticket.self) { ticket, _ in
            [.to(ticket.isAboutMoney ? "billing" : "technical", ticket)]
        }
    }

    static func forward(_ registry: BrokerRegistry) {
        registry.handle("orders", group: "triage") { delivery in
            if isUrgent(delivery.message) { try await delivery.forward(delivery.message, to: "express") }
        }
    }

    static func requestThroughStages(_ inquiry: Inquiry, _ registry: BrokerRegistry) async throws -> Resolution {
        registry.connect("intake", group: "classifier", to: "tickets", as: Inquiry.self) { inquiry, _ in
            Ticket(number: inquiry.number, topic: try await classify(inquiry.text))
        }
        registry.handle("tickets", group: "desk", as: Ticket.self) { ticket, delivery in
            let resolution = try await resolve(ticket)
            if delivery.isRequest { try await delivery.reply(resolution) }
        }
        let resolution = try await registry.request(inquiry, to: "intake", as: Resolution.self)
        return resolution
    }

    private static func classify(_ text: String) async throws -> String { text }
    private static func resolve(_ ticket: Ticket) async throws -> Resolution { Resolution(text: ticket.topic) }
    private static func isUrgent(_ message: Message) -> Bool { message.headers["urgent"] != nil }
}
