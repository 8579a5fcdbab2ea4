// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// A stream that another program writes is adopted: first with a wrong setting, then with the right one.
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(2))) struct AdoptionTests {
    struct Payment: Codable, Sendable { var order: String }

    private func registry(
        _ server: RedisServer, body: BodyLayout? = nil, _ options: ConsumerOptions = ConsumerOptions(),
        log: LogRecorder = LogRecorder()
    ) throws -> BrokerRegistry {
        let url = ConfigurationNode.Entry(key: "url", node: ConfigurationNode(.scalar(server.url, isQuoted: true)))
        let broker = BrokerConfiguration(
            "events", provider: "redis-streams", options: ConfigurationNode(.map([url])))
        let payments = StreamConfiguration(
            "payments", body: body, groups: [GroupConfiguration("billing", options)])
        return try BrokerRegistry(
            BrokersConfiguration(brokers: [broker], streams: [payments]),
            logger: Logger(label: "adoption") { _ in log })
    }

    /// Writes as the other program does.
    private func write(_ orders: Range<Int>, _ server: RedisServer) async throws {
        for order in orders {
            try await server.command("XADD", "payments", "*", "payload", "{\"order\":\"\(order)\"}", "source", "web")
        }
    }

    private func fields(of stream: String, _ server: RedisServer) async throws -> [[String]] {
        try await server.command("XRANGE", stream, "-", "+").elements.map { entry in
            entry.elements[1]?.elements.compactMap(\.string) ?? []
        }
    }

    private static let missing =
        "the entry has no field 'data'; its fields are 'payload', 'source'; set 'body:' of stream 'payments' to the "
        + "field that is the body (docs/existing-streams.md)"

    @Test func aFirstRunWithTheWrongSettingLosesNothing() async throws {
        try await RedisServer.with { server in
            try await write(0..<12, server)
            let log = LogRecorder()
            let wrong = try registry(server, log: log)
            try await withBrokerRegistry(wrong) { registry in
                registry.handle("payments", group: "billing", as: Payment.self) { _, _ in
                    Issue.record("the handler ran without a value")
                }
            } body: { registry in
                try await eventually("the consumer stops") { await registry.health()[0].isReady == false }
                #expect(
                    await registry.health()[0].reasons == [
                        "payments/billing takes no more messages, since none of its first 10 can be decoded: "
                            + Self.missing
                    ])
            }
            #expect(try await server.command("EXISTS", "{payments}:dead").integer == 0)
            #expect(
                log.lines.filter { $0.hasPrefix("None of") } == [
                    "None of the first 10 messages of the new group 'billing' of stream 'payments' can be decoded, so "
                        + "they are kept and it takes no more: \(Self.missing); correct the setting and start again, or "
                        + "set 'on-undecodable: dead-letter' (docs/existing-streams.md)"
                ])

            let seen = Seen<String>()
            let right = try registry(server, body: .field("payload"))
            try await withBrokerRegistry(right) { registry in
                registry.handle("payments", group: "billing", as: Payment.self) { payment, delivery in
                    seen.add("\(payment.order) \(delivery.attempt) \(delivery.message.headers["source"] ?? "")")
                }
            } body: { _ in
                let orders = await seen.wait(for: 12)
                #expect(Set(orders) == Set((0..<12).map { "\($0) 1 web" }))
            }
            #expect(try await server.command("EXISTS", "{payments}:dead").integer == 0)
            #expect(try await server.command("HGET", "{payments}:billing:floor", "new").string == "0")
        }
    }

    @Test func whatIsPublishedBuriedAndPutBackHasTheFieldsOfTheOtherProgram() async throws {
        try await RedisServer.with { server in
            let once = ConsumerOptions(retry: RetryOptions(attempts: 1), onUndecodable: .deadLetter)
            let registry = try registry(server, body: .field("payload"), once)
            let failed = Seen<String>()
            try await withBrokerRegistry(registry) { registry in
                registry.handle("payments", group: "billing", as: Payment.self) { payment, _ in
                    failed.add(payment.order)
                    throw Reject("no account")
                }
            } body: { registry in
                try await registry.publish(Payment(order: "1"), to: "payments", headers: ["source": "web"])
                try await server.command("XADD", "payments", "*", "source", "web", "payload", "{}", "data", "d")
                _ = await failed.wait(for: 1)
                try await eventually("both are buried") {
                    try await server.command("XLEN", "{payments}:dead").integer == 2
                }
                let broker = try registry.broker(of: "payments")
                let letters = try await broker.range(.zero ... .maximum, of: "{payments}:dead")
                #expect(letters.map(\.message.payload.string) == ["{\"order\":\"1\"}", "{}"])
                let report = try await broker.replay(.zero ... .maximum, of: "{payments}:dead", into: "payments")
                #expect(report.count == 2)
            }
            let stored = try await fields(of: "payments", server)
            #expect(stored[0] == ["payload", "{\"order\":\"1\"}", "source", "web"])
            #expect(stored[1] == ["source", "web", "payload", "{}", "data", "d"])
            #expect(Array(stored[3].prefix(6)) == ["data", "d", "payload", "{}", "source", "web"])
        }
    }

    @Test func aBodyOfOneMebibyteAndMoreGoesThroughTheFieldOfTheOtherProgram() async throws {
        try await RedisServer.with { server in
            let registry = try registry(server, body: .field("payload"))
            let sizes = Seen<Int>()
            let body = Payload([UInt8](repeating: 120, count: 1 << 20))
            try await withBrokerRegistry(registry) { registry in
                registry.handle("payments", group: "billing") { sizes.add($0.message.payload.count) }
            } body: { registry in
                for _ in 0..<8 { try await registry.publish(Message(body), to: "payments") }
                #expect(await sizes.wait(for: 8) == Array(repeating: 1 << 20, count: 8))
            }
        }
    }
}
