// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire

/// A server, a proxy that counts what it is sent, and a provider behind that.
struct RedisScene {
    let server: RedisServer
    let proxy: RedisProxy
    let provider: RedisStreamsProvider
    let log: LogRecorder

    static func with(
        user: String = "", _ body: (RedisScene) async throws -> Void
    ) async throws {
        try await RedisServer.with { server in
            try await RedisProxy.with(before: server.port) { proxy in
                let log = LogRecorder()
                let url = try RedisURL(proxy.url.replacing("redis://", with: "redis://\(user)"))
                let provider = try RedisStreamsProvider(
                    RedisStreamsOptions(connection: RedisOptions(url: url)), clock: EngineThread.shared,
                    logger: Logger(label: "scene") { _ in log })
                let scene = RedisScene(server: server, proxy: proxy, provider: provider, log: log)
                do {
                    try await body(scene)
                } catch {
                    await provider.close()
                    throw error
                }
                await provider.close()
            }
        }
    }

    var now: Instant { EngineThread.shared.now }

    func join(
        _ selection: String = "orders", as consumer: ConsumerName = "one", visibility: Duration = .seconds(30),
        start: StartPosition = .earliest
    ) async throws -> any BrokerSubscription {
        try await provider.subscribe(
            SubscriptionRequest(
                StreamSelection(selection), group: "billing", consumer: consumer, start: start, visibility: visibility)
        )
    }

    @discardableResult
    func publish(_ count: Int, to stream: StreamName = "orders") async throws -> [MessageID] {
        let entries = (0..<count).map { PublishBatch.Entry(stream: stream, message: Message(Payload("\($0)"))) }
        return try await provider.publish(PublishBatch(entries)).map { try $0.get().id }
    }

    /// Receives until there are `count` messages, or the time is over.
    func collect(
        _ count: Int, from subscription: any BrokerSubscription, limit: Int = 100, within: Duration = .seconds(5)
    ) async throws -> [InboundMessage] {
        let end = now + within
        var messages: [InboundMessage] = []
        while messages.count < count, now < end {
            let request = ReceiveRequest(limit: min(limit, count - messages.count), wait: end - now)
            messages += try await subscription.receive(request).messages
        }
        return messages
    }

    /// How many commands the proxy has passed on since.
    func commands(since before: [String: Int]) -> [String: Int] {
        proxy.counts.merging(before) { $0 - $1 }.filter { $0.value > 0 }
    }
}

extension BrokerSubscription {
    func receive(_ limit: Int, wait: Duration = .zero, suspects: Int = 1) async throws(BrokerError) -> [InboundMessage]
    {
        try await receive(ReceiveRequest(limit: limit, wait: wait, suspects: suspects)).messages
    }

    func settle(_ messages: [InboundMessage], _ action: Settlement.Action) async throws(BrokerError)
        -> [SettlementOutcome]
    {
        try await settle(messages.map { Settlement($0.receipt, action) })
    }
}
