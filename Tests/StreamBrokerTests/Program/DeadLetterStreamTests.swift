// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import RedisTestSupport
import StreamBroker
import Testing

/// Dead letters are a stream: declared like one, handled like one, and never dead letters again.
@Suite(.inRealTime, .timeLimit(.minutes(2))) struct DeadLetterStreamTests {
    struct Refusal: Error {}

    enum Place: String, CaseIterable { case memory, redis }

    static func file(_ broker: String, declared: String) -> String {
        """
        version: 1
        brokers:
          events: \(broker)
        defaults: { retry: { attempts: 3, initial: 1ms, max: 2ms } }
        streams:
          orders:
            groups: { workers: {} }
          "\(declared)":
            retention: { max-age: 30d }
            groups: { alarm: { concurrency: 1 } }
        """
    }

    @Test(arguments: Place.allCases, ["{orders}:dead", "*:dead"])
    func whatFailsThereIsTriedUntilItSucceeds(_ place: Place, declared: String) async throws {
        try await withBroker(place) { broker in
            let attempts = Seen<Int>()
            let kinds = SettledKinds()
            let registry = try Self.registry(Self.file(broker, declared: declared), observer: kinds)
            try await withBrokerRegistry(registry) { registry in
                registry.handle("orders", group: "workers") { _ in throw Reject("never") }
                registry.handle(declared, group: "alarm") { delivery in
                    attempts.add(delivery.attempt)
                    #expect(delivery.stream == "{orders}:dead")
                    #expect(!delivery.isLastAttempt)
                    if delivery.attempt == 4 { throw Reject("not here either") }
                    if delivery.attempt <= 6 { throw Refusal() }
                }
            } body: { registry in
                try await registry.publish(Message("order 1"), to: "orders")
                await attempts.wait(for: 7)
                await kinds.seen.wait(for: 8)
                let broker = try registry.broker(of: "orders")
                #expect(try await broker.latest(9, of: "{orders}:dead").count == 1)
                #expect(try await broker.latest(9, of: "{orders}:dead:dead").isEmpty)
            }
            #expect(attempts.all == [1, 2, 3, 4, 5, 6, 7])
            #expect(kinds.seen.all.count { $0 == .deadLetter } == 1)
            #expect(kinds.seen.all.last == .ack)
        }
    }

    @Test(arguments: Place.allCases) func onlyTheGroupsThatItDeclaresMayBeHandled(_ place: Place) async throws {
        try await withBroker(place) { broker in
            let registry = try Self.registry(Self.file(broker, declared: "{orders}:dead"), observer: SettledKinds())
            registry.handle("{orders}:dead", group: "alram", file: "App/Main.swift", line: 3) { _ in }
            let error = await #expect(throws: ConfigurationError.self) { try await registry.run() }
            #expect(
                error?.description == "App/Main.swift:3:1: error: stream '{orders}:dead' declares no group 'alram'; "
                    + "did you mean 'alarm'?")
        }
    }

    private func withBroker(_ place: Place, _ body: (String) async throws -> Void) async throws {
        switch place {
        case .memory: try await body("{ provider: memory }")
        case .redis:
            try await RedisServer.with { server in
                try await body("{ provider: redis-streams, url: \"\(server.url)\" }")
            }
        }
    }

    private static func registry(_ text: String, observer: SettledKinds) throws -> BrokerRegistry {
        let report = ConfigurationLoader.inspect(
            Array(text.utf8), file: "brokers.yaml", environment: nil, variables: [:],
            factories: BuiltInProviders.factories)
        return try BrokerRegistry(
            report.usable, observers: [observer],
            logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
