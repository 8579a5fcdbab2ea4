// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What customers order.
struct Order: Codable, Sendable {
    let number: Int
    let customer: String
    let item: String
    let cents: Int

    /// The one that no amount of trying will help.
    static let poisonNumber = 13

    static func make(number: Int) -> Order {
        let customers = ["ada", "grace", "edsger", "barbara", "tony"]
        let items = ["teapot", "kettle", "whisk", "ladle"]
        return Order(
            number: number, customer: customers[number % customers.count], item: items[number % items.count],
            cents: number == poisonNumber ? -1 : 450 + number * 25)
    }
}

/// Why an order could not be handled this time.
enum OrderProblem: Error {
    case carrierIsBusy
    case negativePrice
}
