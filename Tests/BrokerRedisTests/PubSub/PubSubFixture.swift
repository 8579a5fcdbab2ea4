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

/// A provider on Pub/Sub and its server.
struct PubSubFixture {
    let provider: RedisPubSubProvider
    let server: RedisServer
    let log: LogLines

    /// Runs `body` with a provider on a server of its own.
    static func with(
        arguments: [String] = [], _ change: (inout RedisPubSubOptions) -> Void = { _ in },
        _ body: (PubSubFixture) async throws -> Void
    ) async throws {
        try await RedisServer.with(arguments: { port, _ in ["--port", "\(port)"] + arguments }) { server in
            let log = LogLines()
            var options = RedisPubSubOptions(connection: RedisOptions(url: try RedisURL(server.url)))
            change(&options)
            let provider = try RedisPubSubProvider(options, clock: TimeControl.real().clock, logger: log.logger)
            do {
                try await body(PubSubFixture(provider: provider, server: server, log: log))
                await provider.close()
            } catch {
                await provider.close()
                throw error
            }
        }
    }

    /// Another provider on the same server, as another process has one.
    func another(_ change: (inout RedisPubSubOptions) -> Void = { _ in }) throws -> RedisPubSubProvider {
        var options = provider.options
        change(&options)
        return try RedisPubSubProvider(options, clock: TimeControl.real().clock, logger: log.logger)
    }

    /// Subscribes.
    func join(_ selection: String, group: GroupName = "watchers") async throws -> any BrokerSubscription {
        try await provider.subscribe(
            SubscriptionRequest(StreamSelection(selection), group: group, consumer: "one", start: .latest))
    }

    /// Publishes texts.
    func publish(_ texts: [String], to stream: StreamName) async throws {
        let entries = texts.map { PublishBatch.Entry(stream: stream, message: Message(Payload($0))) }
        for result in await provider.publish(PublishBatch(entries)) { _ = try result.get() }
    }

    /// Receives `count` payloads, acknowledges them, and returns them in order.
    func collect(_ count: Int, from subscription: any BrokerSubscription) async throws -> [String] {
        var payloads: [String] = []
        try await eventually("\(count) messages") {
            let messages = try await subscription.receive(ReceiveRequest(limit: 1000, wait: .milliseconds(200)))
                .messages
            _ = try await subscription.settle(messages.map { Settlement($0.receipt, .ack) })
            payloads += messages.map(\.message.payload.string)
            return payloads.count >= count
        }
        return payloads
    }

    /// One number of the details of its health.
    func detail(_ name: String) async -> Int? {
        await provider.health().details[name].flatMap { Int($0) }
    }

    /// Ends every connection that listens, as an operator might.
    func killListeners() async throws {
        try await server.command("CLIENT", "KILL", "TYPE", "pubsub")
    }
}
