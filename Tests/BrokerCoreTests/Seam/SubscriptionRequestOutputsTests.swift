// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

/// What is stored elsewhere before a message leaves its group.
@Suite struct SubscriptionRequestOutputsTests {
    private struct Unreadable: Error {}

    private let request = SubscriptionRequest(.stream("orders"), group: "billing", consumer: "one")
    private let receipt = Receipt(stream: "orders", id: MessageID(milliseconds: 7, sequence: 0), epoch: 1, token: 3)

    private func outputs(
        of action: Settlement.Action?, message: () throws -> Message
    ) throws -> [PublishBatch.Entry] {
        try request.outputs(of: receipt, action, at: Timestamp(milliseconds: 9), message: message)
    }

    @Test func aDeadLetterGoesWhereThePolicySays() throws {
        let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 2)
        let found = try outputs(of: .deadLetter(note)) { Message("x", key: "k") }
        #expect(found.map(\.stream) == ["{orders}:dead"])
        let letter = try #require(found.first?.message)
        #expect((letter.payload, letter.key) == ("x", "k"))
        #expect(letter.headers["sb-origin-id"] == "7-0" && letter.headers["sb-attempts"] == "2")
        #expect(throws: Unreadable.self) { try outputs(of: .deadLetter(note)) { throw Unreadable() } }
    }

    @Test func whatIsForwardedGoesAsItIs() throws {
        let found = try outputs(of: .forward([Message("a"), Message("b")], to: "next")) { throw Unreadable() }
        #expect(found.map(\.stream) == ["next", "next"] && found.map(\.message.payload) == ["a", "b"])
    }

    @Test func allElseStoresNothingAndReadsNothing() throws {
        let actions: [Settlement.Action?] = [
            nil, .ack, .renew, .retry(after: .zero), .release(after: .zero), .forward([]),
        ]
        for action in actions {
            let found = try outputs(of: action) { throw Unreadable() }
            #expect(found.isEmpty)
        }
    }
}
