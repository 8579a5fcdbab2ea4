// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import Testing

/// Connections that break: everything is listened to again, and what may be missing is counted.
@Suite(.inRealTime, .serialized) struct GapTests {
    @Test func aThousandChannelsAreListenedToAgainAfterTwoKillsInASecond() async throws {
        try await PubSubFixture.with { fixture in
            let names = (0..<1000).map { StreamName("channel.\($0)") }
            let subscriptions = try await withThrowingTaskGroup(of: (any BrokerSubscription).self) { group in
                for name in names { group.addTask { try await fixture.join(name.text) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for _ in 0..<2 {
                try await fixture.killListeners()
                try await Task.sleep(for: .milliseconds(300))
            }
            try await eventually("everything is confirmed again") { await fixture.provider.health().isReady }
            #expect(try await fixture.server.command("PUBSUB", "CHANNELS").elements.count == 1000)
            let gaps = try #require(await fixture.detail("gaps"))
            #expect((1...2).contains(gaps))
            #expect(fixture.log.lines(.warning).count == gaps)
            for name in names { try await fixture.publish([name.text], to: name) }
            var received: [String] = []
            for subscription in subscriptions { received += try await fixture.collect(1, from: subscription) }
            #expect(received.sorted() == names.map(\.text).sorted())
            #expect(
                try await fixture.server.command("CLIENT", "LIST", "TYPE", "pubsub").string?.split(separator: "\n")
                    .count == 1)
        }
    }

    @Test func aServerThatThrowsSlowListenersOutIsSurvived() async throws {
        let limit = ["--client-output-buffer-limit", "pubsub 256kb 128kb 1"]
        try await PubSubFixture.with(arguments: limit) { fixture in
            let subscription = try await fixture.join("ticks")
            let block = String(repeating: "x", count: 256 << 10)
            try await eventually("a listener is thrown out") {
                try await fixture.publish(Array(repeating: block, count: 16), to: "ticks")
                return await fixture.detail("gaps") ?? 0 > 0
            }
            try await eventually("listening again") { await fixture.provider.health().isReady }
            try await eventually("messages come again") {
                try await fixture.publish(["after"], to: "ticks")
                let messages = try await subscription.receive(ReceiveRequest(limit: 1000, wait: .milliseconds(200)))
                    .messages
                _ = try await subscription.settle(messages.map { Settlement($0.receipt, .ack) })
                return messages.contains { $0.message.payload == "after" }
            }
        }
    }

    @Test func aServerThatIsSilentIsFoundOut() async throws {
        try await PubSubFixture.with {
            $0.connection.commandTimeout = .milliseconds(300)
        } _: { fixture in
            let subscription = try await fixture.join("ticks")
            try fixture.server.freeze()
            try await eventually("the silence is noticed") { fixture.log.lines(.warning).count == 1 }
            #expect(await !fixture.provider.health().isReady)
            try fixture.server.thaw()
            try await eventually("listening again") { await fixture.provider.health().isReady }
            try await fixture.publish(["after"], to: "ticks")
            #expect(try await fixture.collect(1, from: subscription) == ["after"])
        }
    }

    @Test func whoListensWhileTheServerIsAwayIsServedWhenItComes() async throws {
        try await PubSubFixture.with { fixture in
            await fixture.server.kill()
            async let joining = fixture.join("ticks")
            let (server, log) = (fixture.server, fixture.log)
            try await eventually("an attempt has failed") {
                await fixture.provider.health().reason.contains("channels") || !log.lines.isEmpty
            }
            try await server.start()
            let subscription = try await joining
            try await fixture.publish(["0"], to: "ticks")
            #expect(try await fixture.collect(1, from: subscription) == ["0"])
            #expect(await fixture.detail("gaps") == 0)
        }
    }

    @Test func whoCannotListenInTimeIsToldWhy() async throws {
        try await PubSubFixture.with {
            $0.connection.connectTimeout = .milliseconds(300)
        } _: { fixture in
            await fixture.server.kill()
            let error = await #expect(throws: BrokerError.self) { _ = try await fixture.join("ticks") }
            #expect(error?.code == .connection)
            #expect(error?.isRetryable == true)
            #expect(error?.message.hasPrefix("could not listen to 'ticks': no server at ") == true)
            #expect(await fixture.detail("channels") == 0)
        }
    }

    @Test func aChannelThatIsForbiddenIsAnErrorOfItsOwn() async throws {
        try await PubSubFixture.with { fixture in
            try await fixture.server.command(
                "ACL", "SETUSER", "app", "on", ">secret", "+@all", "resetchannels", "&ok.*")
            let provider = try fixture.another { options in
                options.connection.url.username = "app"
                options.connection.url.password = RedisPassword("secret")
            }
            let allowed = SubscriptionRequest(.stream("ok.1"), group: "g", consumer: "c")
            let subscription = try await provider.subscribe(allowed)
            let forbidden = SubscriptionRequest(.stream("forbidden"), group: "g", consumer: "c")
            let error = await #expect(throws: BrokerError.self) { _ = try await provider.subscribe(forbidden) }
            #expect(error?.code == .unauthorized)
            #expect(error?.isRetryable == false)
            #expect(await provider.health().isReady)
            try await fixture.server.command("ACL", "SETUSER", "app", "resetchannels", "&other")
            try await eventually("the right is missed") { await !provider.health().isReady }
            try await fixture.server.command("ACL", "SETUSER", "app", "resetchannels", "&ok.*")
            try await eventually("listening again") { await provider.health().isReady }
            await subscription.close()
            await provider.close()
        }
    }

    @Test func wrongCredentialsAreToldAtOnce() async throws {
        try await PubSubFixture.with { fixture in
            let provider = try fixture.another { options in
                options.connection.url.username = "nobody"
                options.connection.url.password = RedisPassword("wrong")
            }
            let error = await #expect(throws: BrokerError.self) {
                _ = try await provider.subscribe(SubscriptionRequest(.stream("a"), group: "g", consumer: "c"))
            }
            #expect(error?.code == .unauthorized)
            #expect(error?.description.contains("wrong ") == false)
            await provider.close()
        }
    }
}
