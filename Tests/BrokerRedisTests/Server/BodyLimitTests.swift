// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Synchronization
import Testing

/// Bodies that the configuration allows and the server does not take (`proto-max-bulk-len`).
@Suite(.inRealTime, .serialized, .timeLimit(.minutes(2))) struct BodyLimitTests {
    private static let providers = ["redis-streams", "redis-pubsub"]
    private static let large = Message([UInt8](repeating: 0x78, count: 2 << 20))

    private let log = LogLines()

    private func makeRegistry(
        _ provider: String, _ url: String, observer: any BrokerObserver = Refusals()
    ) throws -> BrokerRegistry {
        let options = ConfigurationNode(
            .map([.init(key: "url", node: ConfigurationNode(.scalar(url, isQuoted: true)))]))
        let streams = ["orders", "next"].map { name in
            StreamConfiguration(
                name, guarantee: provider == "redis-pubsub" ? .atMostOnce : .atLeastOnce,
                maximumPayload: 4 << 20, groups: [GroupConfiguration("crew")])
        }
        return try BrokerRegistry(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: provider, options: options)],
                drain: .seconds(1), streams: streams),
            observers: [observer], logger: log.logger)
    }

    private func expectRefusal(_ result: Result<PublishReceipt, BrokerError>) {
        let error = #expect(throws: BrokerError.self) { try result.get() }
        #expect(error?.code == .payloadTooLarge, "\(error?.description ?? "")")
        #expect(error?.isRetryable == false)
        #expect(error?.effect == .notApplied)
        #expect(error?.message.contains("1048576 bytes (proto-max-bulk-len)") == true)
    }

    @Test(arguments: providers) func aBodyThatIsTooLargeFailsAloneAndForGood(_ provider: String) async throws {
        try await RedisServer.with { server in
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1mb")
            let registry = try makeRegistry(provider, server.url)
            let largest = Message([UInt8](repeating: 0x78, count: 1 << 20))
            for _ in 0..<5 {
                let batch = [Message("a"), Self.large, largest, Self.large, Message("b")]
                let results = await registry.publish(batch: batch, to: "orders")
                for index in [0, 2, 4] { _ = try results[index].get() }
                for index in [1, 3] { expectRefusal(results[index]) }
                expectRefusal(await registry.publish(batch: [Self.large], to: "orders")[0])
            }
            if provider == "redis-streams" {
                #expect(try await server.command("XLEN", "orders").integer == 15)
            }
            await registry.close()
        }
    }

    /// Key and headers travel with the body in one value.
    @Test func anEnvelopeThatIsTooLargeIsRefusedToo() async throws {
        try await RedisServer.with { server in
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1mb")
            let registry = try makeRegistry("redis-pubsub", server.url)
            let body = [UInt8](repeating: 0x78, count: 1 << 20)
            let results = await registry.publish(batch: [Message(body), Message(body, key: "k")], to: "orders")
            _ = try results[0].get()
            expectRefusal(results[1])
            await registry.close()
        }
    }

    @Test(arguments: providers) func whatTheServerTakesMayChange(_ provider: String) async throws {
        try await RedisServer.with { server in
            let registry = try makeRegistry(provider, server.url)
            try await registry.publish(Self.large, to: "orders")
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1mb")
            expectRefusal(await registry.publish(batch: [Self.large], to: "orders")[0])
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "3mb")
            try await registry.publish(Self.large, to: "orders")
            await registry.close()
        }
    }

    @Test(arguments: providers) func whoMayNotAskAsksOnce(_ provider: String) async throws {
        try await RedisServer.with { server in
            try await server.command(
                "ACL", "SETUSER", "app", "on", ">word", "~*", "&*", "+@all", "-config")
            let url = server.url.replacing("redis://", with: "redis://app:word@")
            let registry = try makeRegistry(provider, url)
            for _ in 0..<3 { try await registry.publish(Self.large, to: "orders") }
            let complaints = try await server.command("ACL", "LOG").elements
            #expect(complaints.count == 1)
            #expect(complaints[0]?.elements[1]?.integer == 1)
            await registry.close()
        }
    }

    @Test(arguments: providers) func theStartWarnsOfAServerThatTakesLess(_ provider: String) async throws {
        try await RedisServer.with { server in
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1mb")
            let registry = try makeRegistry(provider, server.url)
            try await withBrokerRegistry(registry) { registry in
                for stream in ["orders", "next"] { registry.handle(stream, group: "crew") { _ in } }
            } body: { _ in
                try await eventually("a warning") {
                    log.lines(.warning).contains {
                        $0.contains("'max-payload' of 'orders' is 4194304 bytes")
                            && $0.contains("takes 1048576 (proto-max-bulk-len)")
                    }
                }
            }
            #expect(log.lines(.warning).count { $0.contains("'orders' is 4194304") } == 1)
        }
    }

    @Test func anOutputThatIsTooLargeFailsItsHandlerAndHoldsUpNothing() async throws {
        try await RedisServer.with { server in
            try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1mb")
            let registry = try makeRegistry("redis-streams", server.url)
            let failure = Mutex<BrokerError?>(nil)
            try await withBrokerRegistry(registry) { registry in
                registry.handle("orders", group: "crew") { delivery in
                    do throws(BrokerError) {
                        try await delivery.forward(Self.large, to: "next")
                    } catch {
                        failure.withLock { $0 = error }
                        try await delivery.forward(Message("instead"), to: "next")
                    }
                }
            } body: { registry in
                try await registry.publish(Message("x"), to: "orders")
                try await eventually("the other output") { try await server.command("XLEN", "next").integer == 1 }
            }
            expectRefusal(.failure(try #require(failure.withLock { $0 })))
        }
    }

    /// The output was decided on before the server took less.
    @Test func anOutputThatBecameTooLargeWaitsForTheServerAndHoldsUpNothing() async throws {
        try await RedisServer.with { server in
            let refusals = Refusals()
            let registry = try makeRegistry("redis-streams", server.url, observer: refusals)
            try await withBrokerRegistry(registry) { registry in
                registry.handle("orders", group: "crew") { delivery in
                    let isLarge = delivery.message.payload.string == "large"
                    try await delivery.forward(isLarge ? Self.large : Message("small"), to: "next")
                }
            } body: { registry in
                try await registry.publish(Message("small"), to: "orders")
                try await eventually("the first") { try await server.command("XLEN", "next").integer == 1 }
                try await server.command("CONFIG", "SET", "proto-max-bulk-len", "1mb")
                try await registry.publish(Message("large"), to: "orders")
                try await eventually("a refusal") { refusals.first?.code == .payloadTooLarge }
                try await registry.publish(Message("small"), to: "orders")
                try await eventually("the third") { try await server.command("XLEN", "next").integer == 2 }
                try await server.command("CONFIG", "SET", "proto-max-bulk-len", "512mb")
                try await eventually("the second") { try await server.command("XLEN", "next").integer == 3 }
            }
            expectRefusal(.failure(try #require(refusals.first)))
        }
    }
}

/// Keeps why the first settlement was refused.
private final class Refusals: BrokerObserver {
    private let error = Mutex<BrokerError?>(nil)

    var first: BrokerError? { error.withLock { $0 } }

    func observe(_ event: BrokerEvent) {
        if case .settlementRefused(_, let refusal) = event { error.withLock { $0 = $0 ?? refusal } }
    }
}
