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

/// `channels: sharded` on one server, so that the file of a cluster works in development.
@Suite(.inRealTime) struct ShardedProviderTests {
    @Test func aPlainSPUBLISHIsDeliveredAndAPUBLISHIsNot() async throws {
        try await PubSubFixture.with {
            $0.channels = .sharded
        } _: { fixture in
            let subscription = try await fixture.join("ticks")
            #expect(try await fixture.server.command("PUBLISH", "ticks", "classic").integer == 0)
            #expect(try await fixture.server.command("SPUBLISH", "ticks", "sharded").integer == 1)
            try await fixture.publish(["ours"], to: "ticks")
            #expect(try await fixture.collect(2, from: subscription) == ["sharded", "ours"])
        }
    }

    @Test func everythingIsListenedToAgainAndTheGapIsCounted() async throws {
        try await PubSubFixture.with {
            $0.channels = .sharded
        } _: { fixture in
            let names = (0..<300).map { "channel.\($0)" }
            var subscriptions: [any BrokerSubscription] = []
            for name in names { subscriptions.append(try await fixture.join(name)) }
            try await fixture.killListeners()
            try await eventually("the gap is counted") { await fixture.detail("gaps") == 1 }
            try await eventually("everything is confirmed again") { await fixture.provider.health().isReady }
            #expect(try await fixture.server.command("PUBSUB", "SHARDCHANNELS").elements.count == 300)
            for name in names { try await fixture.publish([name], to: StreamName(name)) }
            for (name, subscription) in zip(names, subscriptions) {
                #expect(try await fixture.collect(1, from: subscription) == [name])
            }
        }
    }

    @Test func aChannelIsLeftWithItsLastConsumer() async throws {
        try await PubSubFixture.with {
            $0.channels = .sharded
        } _: { fixture in
            let subscription = try await fixture.join("ticks")
            let other = try await fixture.join("other")
            await subscription.close()
            try await eventually("nobody listens") {
                try await fixture.server.command("SPUBLISH", "ticks", "x").integer == 0
            }
            #expect(await fixture.detail("channels") == 1)
            #expect(await fixture.detail("gaps") == 0)
            await other.close()
        }
    }

    @Test func aPatternIsRefusedWithWhatToDo() async throws {
        try await PubSubFixture.with {
            $0.channels = .sharded
        } _: { fixture in
            #expect(!fixture.provider.capabilities.contains(.patterns))
            let error = await #expect(throws: BrokerError.self) { _ = try await fixture.join("agent.*") }
            #expect(error?.code == .unsupported)
            #expect(
                error?.message
                    == "stream 'agent.*' is a pattern, but 'channels: sharded' listens to single channels only; "
                    + "name each stream, or leave 'channels: sharded' out")
        }
    }

    /// A server of before 7.0, as it was recorded.
    @Test func anOldServerIsNamedWithWhatToDo() async throws {
        try await ScriptedServer.with { command in
            switch command[0] {
            case "SSUBSCRIBE", "SPUBLISH":
                .bytes("-ERR unknown command `\(command[0])`, with args beginning with: `ticks`, \r\n")
            default: nil
            }
        } _: { server in
            var options = RedisPubSubOptions(
                connection: RedisOptions(url: try RedisURL("redis://127.0.0.1:\(server.port)")))
            options.channels = .sharded
            let provider = try RedisPubSubProvider(
                options, clock: TimeControl.real().clock, logger: Logger(label: "old") { _ in SwiftLogNoOpLogHandler() }
            )
            let what =
                "the server has no sharded channels, which came with Redis 7.0; update the server, or leave "
                + "'channels: sharded' out"
            let error = await #expect(throws: BrokerError.self) {
                _ = try await provider.subscribe(SubscriptionRequest(.stream("ticks"), group: "g", consumer: "c"))
            }
            #expect(error?.message == "could not listen to 'ticks': \(what)")
            #expect(error?.code == .unsupported && error?.isRetryable == false)
            let results = await provider.publish(PublishBatch([.init(stream: "ticks", message: Message("1"))]))
            let failure = #expect(throws: BrokerError.self) { try results[0].get() }
            #expect(failure?.message == "could not publish to 'ticks': \(what)")
            #expect(failure?.effect == .notApplied)
            await provider.close()
        }
    }
}
