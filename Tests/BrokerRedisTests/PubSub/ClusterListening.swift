// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import RedisTestSupport
import RedisWire

/// A process that publishes to streams of a cluster without a pause, and one that listens to them.
struct ClusterListening {
    let cluster: RedisCluster
    let publisher: RedisPubSubProvider
    let listener: RedisPubSubProvider
    let log: LogLines

    /// Runs `body` with both, on a cluster.
    static func with(
        _ cluster: RedisCluster, _ channels: RedisChannels.Kind, _ body: (ClusterListening) async throws -> Void
    ) async throws {
        let log = LogLines()
        func provider() throws -> RedisPubSubProvider {
            var options = RedisPubSubOptions(connection: RedisOptions(url: try RedisURL(cluster.url)))
            options.channels = channels
            return try RedisPubSubProvider(options, clock: TimeControl.real().clock, logger: log.logger)
        }
        let listening = ClusterListening(
            cluster: cluster, publisher: try provider(), listener: try provider(), log: log)
        do {
            try await body(listening)
        } catch {
            await listening.close()
            throw error
        }
        await listening.close()
    }

    private func close() async {
        await listener.close()
        await publisher.close()
    }

    /// Subscribes.
    func join(_ stream: String) async throws -> any BrokerSubscription {
        try await listener.subscribe(
            SubscriptionRequest(StreamSelection(stream), group: "watchers", consumer: "one", start: .latest))
    }

    /// Publishes numbers to a stream, one each millisecond or so, and receives them while `body` runs and until a
    /// number that was published afterwards has come.
    func flow(
        to stream: StreamName, into subscription: any BrokerSubscription, while body: () async throws -> Void
    ) async throws -> Flow {
        let isOver = Counter()
        async let published = publish(to: stream, until: isOver)
        async let received = receive(from: subscription, until: isOver)
        do {
            try await Task.sleep(for: .milliseconds(300))
            try await body()
            try await Task.sleep(for: .milliseconds(500))
        } catch {
            _ = isOver.add(1)
            throw error
        }
        _ = isOver.add(1)
        return Flow(published: await published, received: try await received)
    }

    /// Returns the numbers that were stored.
    private func publish(to stream: StreamName, until isOver: Counter) async -> [Int] {
        var published: [Int] = []
        var number = 0
        while isOver.value == 0 {
            let batch = PublishBatch([PublishBatch.Entry(stream: stream, message: Message(Payload("\(number)")))])
            if case .success = await publisher.publish(batch)[0] { published.append(number) }
            number += 1
            try? await Task.sleep(for: .milliseconds(1))
        }
        return published
    }

    private func receive(
        from subscription: any BrokerSubscription, until isOver: Counter
    ) async throws -> [(number: Int, time: ContinuousClock.Instant)] {
        var received: [(number: Int, time: ContinuousClock.Instant)] = []
        while true {
            let isLast = isOver.value > 0
            let messages = try await subscription.receive(ReceiveRequest(limit: 1000, wait: .milliseconds(100)))
                .messages
            _ = try await subscription.settle(messages.map { Settlement($0.receipt, .ack) })
            received += messages.map { (Int($0.message.payload.string) ?? -1, ContinuousClock.now) }
            if isLast, messages.isEmpty { return received }
        }
    }

    /// One number of the details of the listener's health.
    func detail(_ name: String) async -> Int? {
        await listener.health().details[name].flatMap { Int($0) }
    }

    /// The nodes at which a channel is listened to, as they say.
    func homes(of channel: String, _ kind: RedisChannels.Kind) async throws -> [ClusterNode] {
        let question = kind == .sharded ? "SHARDNUMSUB" : "NUMSUB"
        var homes: [ClusterNode] = []
        for node in cluster.nodes {
            let count = try? await node.server.command("PUBSUB", question, channel).elements[1]?.integer
            if let count, count > 0 { homes.append(node) }
        }
        return homes
    }
}

/// What was published and what came.
struct Flow {
    let published: [Int]
    let received: [(number: Int, time: ContinuousClock.Instant)]

    /// Whether nothing came twice or in another order.
    var isInOrder: Bool { zip(received, received.dropFirst()).allSatisfy { $0.number < $1.number } }

    /// What was stored and did not come.
    var missed: Int { Set(published).subtracting(received.map(\.number)).count }

    /// The longest time between two messages that came.
    var longestPause: Duration {
        zip(received, received.dropFirst()).map { $1.time - $0.time }.max() ?? .zero
    }
}
