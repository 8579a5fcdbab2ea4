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
import StreamBroker
import Synchronization

/// A registry that asks, on a server; its stream `work` has the group `crew`.
///
/// It has two brokers, `events` on Streams and `live` on Pub/Sub; `also` is a stream of the one that has not `work`.
struct RequestScene: Sendable {
    let server: RedisServer
    let registry: BrokerRegistry
    let dropped: DroppedReplies
    /// The channels that Pub/Sub uses.
    let channels: RedisChannels.Kind

    /// Makes a registry on a server; `work` is on Streams, or on Pub/Sub.
    init(
        _ server: RedisServer, onPubSub isLive: Bool = false, channels: RedisChannels.Kind = .classic,
        maximumConnections: Int = 64
    ) throws {
        self.server = server
        self.channels = channels
        dropped = DroppedReplies()
        let url = ConfigurationNode.Entry(key: "url", node: ConfigurationNode(.scalar(server.url, isQuoted: true)))
        let bound = ConfigurationNode.Entry(
            key: "max-connections", node: ConfigurationNode(.scalar("\(maximumConnections)", isQuoted: false)))
        let kind = ConfigurationNode.Entry(
            key: "channels", node: ConfigurationNode(.scalar(channels.rawValue, isQuoted: false)))
        let configuration = BrokersConfiguration(
            brokers: [
                BrokerConfiguration(
                    "events", provider: "redis-streams", options: ConfigurationNode(.map([url, bound]))),
                BrokerConfiguration("live", provider: "redis-pubsub", options: ConfigurationNode(.map([url, kind]))),
            ],
            defaultBroker: "events", drain: .seconds(10),
            streams: [Self.stream("work", onPubSub: isLive), Self.stream("also", onPubSub: !isLive)])
        registry = try BrokerRegistry(
            configuration, observers: [dropped], logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func stream(_ name: String, onPubSub isLive: Bool) -> StreamConfiguration {
        StreamConfiguration(
            name, broker: isLive ? "live" : "events", guarantee: isLive ? .atMostOnce : .atLeastOnce,
            groups: [GroupConfiguration("crew")])
    }

    /// A handler that answers with what `ask` expects.
    static func answer(_ delivery: Delivery) async throws {
        try await delivery.reply(Message(Payload("re \(delivery.message.payload.string.prefix { $0 != " " })")))
    }

    /// Runs `body` beside the running registry.
    func run<Result: Sendable>(
        handling handler: DeliveryHandler? = nil, _ body: @escaping @Sendable (RequestScene) async throws -> Result
    ) async throws -> Result {
        try await withBrokerRegistry(registry) { registry in
            if let handler { registry.handle("work", group: "crew", handler: handler) }
        } body: { _ in
            try await body(self)
        }
    }

    /// How many of these requests get the answer that is theirs; those that fail are told by their codes.
    func ask(_ texts: [String], timeout: Duration) async -> (right: Int, codes: [BrokerError.Code]) {
        await withTaskGroup(of: Swift.Result<Bool, BrokerError>.self) { group in
            for text in texts {
                group.addTask {
                    do throws(BrokerError) {
                        let answer = try await registry.request(Message(Payload(text)), to: "work", timeout: timeout)
                        return .success(answer.payload.string == "re \(text.split(separator: " ")[0])")
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: (0, [])) { sum, result in
                switch result {
                case .success(let isRight): sum.0 += isRight ? 1 : 0
                case .failure(let error): sum.1.append(error.code)
                }
            }
        }
    }

    /// Waits until `count` processes listen to `work`.
    func listeners(_ count: Int) async throws {
        try await eventually("\(count) listeners") {
            let question = channels == .sharded ? "SHARDNUMSUB" : "NUMSUB"
            return try await server.command("PUBSUB", question, "work").elements[1]?.integer == count
        }
    }

    /// Every key on the server that has to do with answers.
    func keysOfAnswers() async throws -> [String] {
        try await server.command("KEYS", "*~replies*").elements.compactMap(\.string).sorted()
    }

    /// The streams of answers in the set of streams.
    func listedAnswers() async throws -> [String] {
        try await server.command("SMEMBERS", "~streams").elements.compactMap(\.string).filter { $0.contains("~") }
    }
}

/// Counts answers that reached nobody.
final class DroppedReplies: BrokerObserver {
    private let list = Mutex<[DroppedReply]>([])

    func observe(_ event: BrokerEvent) {
        if case .replyDropped(_, let reason) = event { list.withLock { $0.append(reason) } }
    }

    var all: [DroppedReply] { list.withLock { $0 } }
}
