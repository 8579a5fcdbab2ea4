// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// Dead letters that are given back to their stream.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct DeadLetterReplayTests {
    @Test func whatIsReplayedIsAsItWasAndIsRefusedForItsOwnCause() async throws {
        try await RedisServer.with { server in
            let seen = Seen<Message>()
            let registry = try Self.registry(server.url)
            try await withBrokerRegistry(registry) { registry in
                registry.handle("orders", group: "billing") { delivery in
                    seen.add(delivery.message)
                    let count = await seen.wait(for: 1).count
                    if count < 3 { throw Reject("refusal \(count)") }
                }
            } body: { registry in
                let original = Message("body", key: "customer-1", headers: ["trace": "1", "empty": ""])
                try await registry.publish(original, to: "orders")
                for number in 1...2 {
                    let broker = try registry.broker(of: "orders")
                    let letter = try await eventually("a dead letter") {
                        let letters = try await broker.latest(5, of: "{orders}:dead")
                        return letters.count == number ? letters.first : nil
                    }
                    #expect(letter.message.headers[ReservedHeaders.error] == "refusal \(number)")
                    let report = try await broker.replay(letter.id...letter.id, of: "{orders}:dead", into: "orders")
                    #expect(report.count == 1 && report.failure == nil)
                }
                for message in await seen.wait(for: 3) {
                    #expect(message.payload == original.payload && message.key == original.key)
                    let own = message.headers.filter { !$0.name.hasPrefix(ReservedHeaders.prefix) }
                    #expect(own == Array(original.headers))
                }
                try await eventually("nothing pending") { try await server.pendingCount("orders", "billing") == 0 }
            }
        }
    }

    private static func registry(_ url: String) throws -> BrokerRegistry {
        let url = ConfigurationNode(.scalar(url, isQuoted: true))
        let broker = BrokerConfiguration(
            "events", provider: "redis-streams", options: ConfigurationNode(.map([.init(key: "url", node: url)])))
        return try BrokerRegistry(
            BrokersConfiguration(
                brokers: [broker], streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing")])]),
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
