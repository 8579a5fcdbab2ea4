// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerOperations
import RedisTestSupport
import StreamBroker
import Testing

/// Reading, finding and publishing messages, on memory and on a real server.
@Suite(.timeLimit(.minutes(2))) struct MessagesTests {
    /// Runs `body` on both providers.
    private func onEach(_ body: (Operations) async throws -> Void) async throws {
        try await body(Operations(try OperationsFixture.shop()))
        try await RedisServer.with { server in
            try await body(Operations(try OperationsFixture.shop(OperationsFixture.redis(server.url))))
        }
    }

    @Test func aMessageIsShownWithItsKeyHeadersAndBody() async throws {
        try await onEach { operations in
            let message = Message("{}", key: "4711", headers: ["type": "placed"])
            let id = try await operations.publish(message, to: "orders").id
            let report = try await operations.message(id, of: "orders")
            #expect(report.key == "4711")
            #expect(report.headers.map(\.name) == ["type"])
            #expect(report.body == "{}")
            #expect(report.size == 2)
            let missing = await #expect(throws: BrokerError.self) {
                try await operations.message(MessageID(milliseconds: 1, sequence: 0), of: "orders")
            }
            #expect(missing?.message.hasPrefix("'orders' has no message 1-0") == true)
        }
    }

    @Test func bytesThatAreNoTextAreShownAsBase64() async throws {
        try await onEach { operations in
            let id = try await operations.publish(Message([0xFF, 0x00, 0x10, 0x80]), to: "orders").id
            let report = try await operations.message(id, of: "orders")
            #expect(report.body == nil)
            #expect(report.bodyBase64 == "/wAQgA==")
        }
    }

    @Test func aSearchSaysHowFarItHasLooked() async throws {
        try await onEach { operations in
            var ids: [MessageID] = []
            for body in ["alpha", "beta", "gamma", "beta"] {
                ids.append(try await operations.publish(Message(body), to: "orders").id)
            }
            let all = try await operations.find("beta", in: "orders")
            #expect(all.messages.map(\.id) == ["\(ids[1])", "\(ids[3])"])
            #expect(all.scanned == 4)
            #expect(all.isComplete)
            let first = try await operations.find("beta", in: "orders", limit: 1)
            #expect(first.lastID == "\(ids[1])")
            #expect(!first.isComplete)
            let bounded = try await operations.find("beta", in: "orders", after: ids[1], scan: 1)
            #expect(bounded.messages.isEmpty)
            #expect(bounded.lastID == "\(ids[2])")
            #expect(!bounded.isComplete)
        }
    }

    @Test func aSearchLooksIntoKeysAndHeaders() async throws {
        try await onEach { operations in
            try await _ = operations.publish(Message("a", key: "customer-9"), to: "orders")
            try await _ = operations.publish(Message("b", headers: ["trace": "abc-def"]), to: "orders")
            #expect(try await operations.find("customer", in: "orders").messages.map(\.body) == ["a"])
            #expect(try await operations.find("c-d", in: "orders").messages.map(\.body) == ["b"])
        }
    }

    @Test func anIdStoresAMessageOnceAlsoWithoutADeclaration() async throws {
        try await RedisServer.with { server in
            let operations = Operations(try OperationsFixture.bare(server.url))
            let first = try await operations.publish(Message("a"), to: "orders", id: "o-1")
            let again = try await operations.publish(Message("a"), to: "orders", id: "o-1")
            #expect(!first.isDuplicate)
            #expect(again.isDuplicate)
            #expect(again.id == first.id)
            let refused = await #expect(throws: BrokerError.self) {
                try await operations.publish(Message("a", headers: ["sb-group": "x"]), to: "orders")
            }
            #expect(refused?.code == .invalidMessage)
        }
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func base64IsThatOfTheStandard(_ text: String, _ encoded: String) {
        #expect(Base64.text(of: Array(text.utf8)) == encoded)
    }
}
