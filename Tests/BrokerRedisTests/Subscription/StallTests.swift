// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// Leases that nobody could extend, because the server stood still, are not taken from holders that live.
@Suite("Stall", .inRealTime, .serialized, .timeLimit(.minutes(1))) struct StallTests {
    @Test(
        "A server stood still for longer than the visibility: holders get two thirds of it before anything is taken")
    func stoppedServer() async throws {
        try await RedisServer.with { server in
            let link = try server.link()
            var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
            options.connection.commandTimeout = .seconds(2)
            let provider = try RedisStreamsProvider(
                options, clock: TimeControl.real().clock, logger: Logger(label: "stall"))
            let holder = try await provider.subscribe(Self.request("holder"))
            let other = try await provider.subscribe(Self.request("other"))
            _ = await provider.publish(PublishBatch([.init(stream: "orders", message: Message("x"))]))
            let held = try await holder.receive(ReceiveRequest(limit: 1, wait: .seconds(5))).messages
            _ = try await other.receive(ReceiveRequest(limit: 1, wait: .milliseconds(10)))

            try server.signal(19)
            // The read fails when its watchdog does: longer than the visibility of 1 s.
            await #expect(throws: BrokerError.self) {
                try await other.receive(ReceiveRequest(limit: 1, wait: .milliseconds(300)))
            }
            try server.signal(18)
            _ = try await link.connection().send(RedisCommands("PING"))

            let first = try await other.receive(ReceiveRequest(limit: 1, wait: .milliseconds(100))).messages
            #expect(first.isEmpty, "nothing is taken at once")
            let outcome = try await holder.extend(held.map(\.receipt))[0]
            #expect(Self.isDone(outcome))
            let second = try await Self.keeping(held, by: holder) {
                try await other.receive(ReceiveRequest(limit: 1, wait: .milliseconds(1000))).messages
            }
            #expect(second.isEmpty, "and nothing later, since the holder goes on extending")
            let third = try await other.receive(ReceiveRequest(limit: 1, wait: .seconds(20))).messages
            #expect(third.map(\.attempt) == [2], "until it lets the lease expire")
            await provider.close()
        }
    }

    /// Extends what is held while something is under way.
    private static func keeping<Result: Sendable>(
        _ held: [InboundMessage], by holder: any BrokerSubscription,
        while body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    _ = try await holder.extend(held.map(\.receipt))
                    try? await ContinuousClock().sleep(for: .milliseconds(50))
                }
                return nil
            }
            let result = try await body()
            group.cancelAll()
            while let _ = try await group.next() {}
            return result
        }
    }

    private static func request(_ consumer: ConsumerName) -> SubscriptionRequest {
        SubscriptionRequest(.stream("orders"), group: "g", consumer: consumer, visibility: .seconds(1))
    }

    private static func isDone(_ outcome: SettlementOutcome) -> Bool {
        if case .done = outcome { true } else { false }
    }
}
