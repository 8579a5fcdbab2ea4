// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import Logging
import RedisTestSupport
import StreamBroker
import Testing

/// One file, of which only the URL changes.
@Suite(.inRealTime, .timeLimit(.minutes(2))) struct ClusterRequestTests {
    private static func registry(_ url: String, _ channels: RedisChannels.Kind) throws -> BrokerRegistry {
        let file = """
            version: 1
            brokers:
              live: { provider: redis-pubsub, url: "${LIVE_URL}", channels: \(channels) }
            streams:
              quotes: { guarantee: at-most-once, groups: { pricing: {} } }
            """
        let report = ConfigurationLoader.inspect(
            Array(file.utf8), file: "brokers.yaml", environment: nil, variables: ["LIVE_URL": url],
            factories: BuiltInProviders.factories)
        return try BrokerRegistry(report.usable, logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test(arguments: [RedisChannels.Kind.classic, .sharded])
    func requestsAreAnsweredOnAClusterAsOnOneServer(channels: RedisChannels.Kind) async throws {
        let cluster = try await RedisCluster.shared()
        try await RedisServer.with { server in
            for url in [server.url, cluster.url] {
                let right = try await Self.answers(of: 200, at: url, channels)
                #expect(right == 200)
            }
        }
    }

    /// How many of the answers are right.
    private static func answers(of count: Int, at url: String, _ channels: RedisChannels.Kind) async throws -> Int {
        let answering = try registry(url, channels)
        let asking = try registry(url, channels)
        return try await withBrokerRegistry(answering) { registry in
            registry.handle("quotes", group: "pricing") { delivery in
                try await delivery.reply(Message(Payload("re \(delivery.message.payload.string)")))
            }
        } body: { _ in
            try await withBrokerRegistry(asking) { _ in
            } body: { _ in
                // A request that nobody listens to is gone.
                try await eventually("the handler listens") {
                    (try? await asking.request(Message("first"), to: "quotes", timeout: .seconds(1))) != nil
                }
                return try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<count {
                        group.addTask {
                            let reply = try await asking.request(
                                Message(Payload("\(number)")), to: "quotes", timeout: .seconds(20))
                            return reply.payload.string == "re \(number)"
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
            }
        }
    }
}
