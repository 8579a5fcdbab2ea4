// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// What is listened to, and that each message comes exactly once.
@Suite(.inRealTime) struct ListeningTests {
    @Test func aPlainPublishBySomebodyElseIsDelivered() async throws {
        try await PubSubFixture.with { fixture in
            let subscription = try await fixture.join("ticks")
            let receivers = try await fixture.server.command("PUBLISH", "ticks", #"{"price":1}"#).integer
            #expect(receivers == 1)
            #expect(try await fixture.collect(1, from: subscription) == [#"{"price":1}"#])
        }
    }

    @Test func publishingWithoutAnyoneWhoListensIsASuccess() async throws {
        try await PubSubFixture.with { fixture in
            try await fixture.publish(["0", "1"], to: "nobody")
            #expect(await fixture.detail("channels") == 0)
        }
    }

    @Test func everyProcessGetsEveryMessage() async throws {
        try await PubSubFixture.with { fixture in
            let other = try fixture.another()
            let subscriptions = [
                try await fixture.join("ticks"),
                try await other.subscribe(SubscriptionRequest(.stream("ticks"), group: "watchers", consumer: "two")),
            ]
            try await fixture.publish(["0", "1", "2"], to: "ticks")
            for subscription in subscriptions {
                #expect(try await fixture.collect(3, from: subscription) == ["0", "1", "2"])
            }
            await other.close()
        }
    }

    /// A server sends one copy for the channel and one for each pattern; topics come and go while messages flow.
    @Test func eachMessageComesOnceHoweverManyTopicsMatch() async throws {
        try await PubSubFixture.with { fixture in
            let wide = try await fixture.join("agent.*", group: "wide")
            let numbers = 0..<400
            async let flow: Void = {
                for number in numbers { try await fixture.publish(["\(number)"], to: "agent.abc") }
            }()
            for _ in 0..<10 {
                for selection in ["agent.a*", "agent.abc", "*.abc"] {
                    let subscription = try await fixture.join(selection, group: "narrow")
                    _ = try await subscription.receive(ReceiveRequest(limit: 10, wait: .zero))
                    await subscription.close()
                }
            }
            try await flow
            #expect(try await fixture.collect(400, from: wide) == numbers.map { "\($0)" })
        }
    }

    @Test func aPatternTakesItsCharactersLiterally() async throws {
        try await PubSubFixture.with {
            $0.prefix = "a[b]?:"
        } _: { fixture in
            let subscription = try await fixture.join("agent.*")
            for channel in ["ab:agent.x", "a[b]?:agent.x", "a[b]x:agent.x", "a[b]?:agentzx", "a[b]?:{agent.x}:dead"] {
                try await fixture.server.command("PUBLISH", channel, channel)
            }
            #expect(try await fixture.collect(1, from: subscription) == ["a[b]?:agent.x"])
            #expect(await fixture.detail("buffered-messages") == 0)
        }
    }

    @Test func aChannelIsLeftWithItsLastConsumer() async throws {
        try await PubSubFixture.with { fixture in
            let subscriptions = [
                try await fixture.join("ticks", group: "a"), try await fixture.join("ticks", group: "b"),
            ]
            let other = try await fixture.join("other")
            await subscriptions[0].close()
            #expect(try await fixture.server.command("PUBLISH", "ticks", "x").integer == 1)
            await subscriptions[1].close()
            try await eventually("nobody listens") {
                try await fixture.server.command("PUBLISH", "ticks", "x").integer == 0
            }
            #expect(await fixture.detail("channels") == 1)
            await other.close()
            try await eventually("no connection is left") {
                try await fixture.server.command("PUBSUB", "CHANNELS").elements.count == 0
            }
            let again = try await fixture.join("ticks")
            try await fixture.publish(["y"], to: "ticks")
            #expect(try await fixture.collect(1, from: again) == ["y"])
            #expect(await fixture.detail("gaps") == 0)
        }
    }

    @Test func forwardingPublishesToEverybody() async throws {
        try await PubSubFixture.with { fixture in
            let subscription = try await fixture.join("ticks")
            let next = try await fixture.join("next")
            try await fixture.publish(["0"], to: "ticks")
            let message = try #require(
                try await subscription.receive(ReceiveRequest(limit: 1, wait: .seconds(10))).messages.first)
            let forward = Settlement(message.receipt, .forward([Message("forwarded")], to: "next"))
            for kind in ["done", "settled"] {
                #expect("\(try await subscription.settle([forward])[0])" == kind)
            }
            #expect(try await fixture.collect(1, from: next) == ["forwarded"])
        }
    }

    @Test func deadLettersAreKeptInTheProcess() async throws {
        try await PubSubFixture.with {
            $0.buffer.limit = 2
        } _: { fixture in
            let subscription = try await fixture.join("ticks")
            let note = DeadLetterNote(reason: .rejected, error: "no", attempts: 1)
            for number in 0..<3 {
                try await fixture.publish(["\(number)"], to: "ticks")
                let messages = try await subscription.receive(ReceiveRequest(limit: 1, wait: .seconds(10))).messages
                _ = try await subscription.settle(messages.map { Settlement($0.receipt, .deadLetter(note)) })
            }
            #expect(await fixture.detail("dropped") == 1)
            let reader = try await fixture.join("{ticks}:dead")
            #expect(try await fixture.collect(2, from: reader) == ["1", "2"])
        }
    }
}
