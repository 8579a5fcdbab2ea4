// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import StreamBroker
import Testing

struct PaymentRefused: Error {}

@Test func aPaymentThatNeverSucceedsBecomesADeadLetter() async throws {
    try await withVirtualBroker(stream: "orders", groups: "billing") { broker in
        try broker.handle("orders", group: "billing") { _ in throw PaymentRefused() }
        try await broker.publish(Message("order 1"), to: "orders")
        await broker.advance(by: .seconds(20 * 60))
        #expect(broker.attempts(in: "billing") == [1, 2, 3, 4, 5])
        #expect(try await broker.deadLetters(of: "orders").count == 1)
    }
}
