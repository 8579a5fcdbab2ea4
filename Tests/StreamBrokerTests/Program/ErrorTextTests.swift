// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamBroker
import Testing

/// A dead letter tells the error of its handler in the error's own words.
@Suite(.timeLimit(.minutes(1))) struct ErrorTextTests {
    enum Payment: Error { case declined, late(days: Int) }

    struct Localized: LocalizedError, CustomStringConvertible {
        var errorDescription: String?
        let description = "described"
    }

    struct Plain: Error { let code = 5 }

    @Test(arguments: [
        (Localized(errorDescription: "the card was declined") as any Error, "the card was declined"),
        (Localized(errorDescription: nil), "described"), (Localized(errorDescription: ""), "described"),
        (Payment.declined, "declined"), (Payment.late(days: 3), "late(days: 3)"), (Plain(), "Plain(code: 5)"),
        (Localized(errorDescription: String(repeating: "é", count: 2000)), String(repeating: "é", count: 1024)),
        (BrokerError(.closed, "the shop has closed"), "closed: the shop has closed"),
    ])
    func isThatOfTheError(_ error: any Error, _ text: String) async throws {
        let dead = Seen<Message>()
        try await withBrokerRegistry(RegistryFixture.orders()) { registry in
            registry.handle("orders", group: "workers") { _ in throw error }
            registry.handle("{orders}:dead", group: "undertaker") { dead.add($0.message) }
        } body: { registry in
            try await registry.publish(1, to: "orders")
            await dead.wait(for: 1)
        }
        #expect(dead.all.first?.headers["sb-error"] == text)
    }
}
