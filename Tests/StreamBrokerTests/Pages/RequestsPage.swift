// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// The code of docs/requests.md.
private enum RequestsPage {
    struct Quote: Codable, Sendable {
        var price: Int
        static let none = Quote(price: 0)
    }

    static func request(_ order: OrderPlaced, _ registry: BrokerRegistry) async throws -> Quote {
        let quote = try await registry.request(order, to: "quotes", timeout: .seconds(5), as: Quote.self)

        registry.handle("quotes", group: "pricing", as: OrderPlaced.self) { order, delivery in
            try await delivery.reply(try price(order))
        }
        return quote
    }

    static func apologise(_ registry: BrokerRegistry) {
        registry.handle("{quotes}:dead", group: "apology") { delivery in
            if delivery.isRequest { try await delivery.reply(Quote.none) }
        }
    }

    private static func price(_ order: OrderPlaced) throws -> Quote { Quote(price: order.total) }
}
