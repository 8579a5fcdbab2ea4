// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Hundreds of streams in one subscription, few of them active.
@Suite(.inRealTime, .serialized) struct ManyStreamsTests {
    private static let names = (0..<300).map { StreamName("agent.\($0)") }

    /// Publishes one message to each stream and settles all.
    private func settleOne(of names: [StreamName], _ scene: RedisScene, _ subscription: any BrokerSubscription)
        async throws
    {
        let entries = names.map { PublishBatch.Entry(stream: $0, message: Message("x")) }
        for result in await scene.provider.publish(PublishBatch(entries)) { _ = try result.get() }
        var missing = Set(names)
        try await eventually("every stream gave its message") {
            let messages = try await subscription.receive(100, wait: .seconds(1))
            missing.subtract(messages.map(\.receipt.stream))
            _ = try await subscription.settle(messages, .ack)
            return missing.isEmpty
        }
    }

    @Test func idleStreamsCostFewCommandsAndNoConnections() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*", visibility: .seconds(3))
            try await settleOne(of: Self.names, scene, subscription)
            // What was pending when it was swept last is swept once more.
            _ = try await subscription.receive(300, wait: .milliseconds(1500))
            let before = scene.proxy.counts
            #expect(try await subscription.receive(300, wait: .seconds(3)).isEmpty)
            let sent = scene.commands(since: before)
            #expect(sent["EVALSHA", default: 0] == 0, "\(sent)")
            #expect(sent["XREADGROUP", default: 0] < 30, "\(sent)")
            let clients = try await scene.server.command("CLIENT", "LIST").string ?? ""
            #expect(clients.split(separator: "\n").count <= 4, "publishing, commands, reads, and who asks")
        }
    }

    @Test func aQuietStreamHasItsTurnWhileOthersAreBusy() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*")
            try await settleOne(of: Self.names, scene, subscription)
            let busy = Self.names.prefix(5)
            for name in busy { try await scene.publish(200, to: name) }
            var (handled, quiet) = (0, MessageID?.none)
            try await eventually("the quiet stream has its turn") {
                let messages = try await subscription.receive(10, wait: .seconds(1))
                #expect(messages.count <= 10)
                for message in messages where message.receipt.stream != "agent.299" {
                    try await scene.publish(1, to: message.receipt.stream)
                }
                _ = try await subscription.settle(messages, .ack)
                handled += messages.count
                if handled > 300, quiet == nil { quiet = try await scene.publish(1, to: "agent.299")[0] }
                return messages.contains { $0.receipt.id == quiet }
            }
        }
    }

    @Test func whatIsParkedOrHeldInOneOfThemComesBackInTime() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*", visibility: .seconds(2))
            try await settleOne(of: Self.names, scene, subscription)
            try await scene.publish(1, to: "agent.7")
            try await scene.publish(1, to: "agent.8")
            let messages = try await scene.collect(2, from: subscription)
            let parked = messages.filter { $0.receipt.stream == "agent.7" }
            _ = try await subscription.settle(parked, .retry(after: .milliseconds(100)))
            var again: [InboundMessage] = []
            while again.count < 2 {
                let messages = try await scene.collect(1, from: subscription, within: .seconds(20))
                if messages.isEmpty { break }
                _ = try await subscription.settle(messages, .ack)
                again += messages
            }
            let origins = again.map { ($0.receipt.stream, $0.origin) }
            let byStream = Dictionary(origins) { first, _ in first }
            #expect(again.count == 2 && byStream == ["agent.7": .retry, "agent.8": .expired])
        }
    }

    @Test func allOfThemMayVanishAtOnceAndComeAgain() async throws {
        try await RedisScene.with { scene in
            let subscription = try await scene.join("agent.*", visibility: .seconds(2))
            try await settleOne(of: Self.names, scene, subscription)
            try await scene.server.command("FLUSHALL")
            try await eventually("they are let go") {
                _ = try await subscription.receive(1, wait: .milliseconds(10))
                return try await scene.server.command("DBSIZE").integer == 0
            }
            try await settleOne(of: Self.names, scene, subscription)
            // Some may be made again before they were let go, a few lines of log for all of them.
            #expect(scene.log.lines.count < 30, "\(scene.log.lines)")
        }
    }
}
