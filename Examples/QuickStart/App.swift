// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

struct OrderPlaced: Codable, Sendable {
    var number: Int
    var total: Int
}

@main struct App {
    static func main() async {
        await BrokerRegistry.main("brokers.yaml") { registry in
            registry.handle("orders", group: "billing", as: OrderPlaced.self) { order, delivery in
                try await charge(order)  // return = ack · throw = retry, and in the end dead letter
            }
            registry.handle("orders", group: "search", as: OrderPlaced.self) { order, _ in
                print("order \(order.number) can be found")  // each group gets every message
            }
            try await registry.publish(OrderPlaced(number: 1, total: 4200), to: "orders")
        }
    }
}

func charge(_ order: OrderPlaced) async throws {
    print("order \(order.number): \(order.total) charged")
}
