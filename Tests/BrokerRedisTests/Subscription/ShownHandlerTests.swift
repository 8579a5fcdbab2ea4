// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import StreamBroker
import Testing

/// A handler that runs for long is seen from outside, on a real server.
@Suite("Shown handlers", .inRealTime, .serialized, .timeLimit(.minutes(1))) struct ShownHandlerTests {
    private func handler(_ consumer: ConsumerName, _ seconds: Int, in stream: StreamName = "orders") -> RunningHandler {
        RunningHandler(
            group: "billing", consumer: consumer, stream: stream, message: MessageID(milliseconds: 7, sequence: 0),
            running: .seconds(seconds))
    }

    private func shown(on scene: RedisScene) async throws -> RunningHandler? {
        try await scene.provider.statistics(of: .stream("orders")).first?.groups.first?.oldestHandler
    }

    @Test func ofSeveralConsumersTheOldestIsShownUntilItIsOver() async throws {
        try await RedisScene.with { scene in
            let one = try #require(try await scene.join(as: "one") as? any HandlerReporting)
            let two = try #require(try await scene.join(as: "two") as? any HandlerReporting)
            #expect(try await shown(on: scene) == nil)
            try await one.report(handler("one", 90), isOver: false, for: .seconds(30))
            try await two.report(handler("two", 60), isOver: false, for: .seconds(30))
            let first = try #require(try await shown(on: scene))
            #expect(first.consumer == "one" && first.group == "billing" && first.stream == "orders")
            #expect(first.message == MessageID(milliseconds: 7, sequence: 0))
            #expect((Duration.seconds(90)...Duration.seconds(99)).contains(first.running))
            try await two.report(handler("two", 61), isOver: true, for: .seconds(30))
            #expect(try await shown(on: scene)?.consumer == "one", "nobody takes back what another shows")
            try await one.report(handler("one", 91), isOver: true, for: .seconds(30))
            #expect(try await shown(on: scene) == nil)
            try await two.report(handler("two", 62), isOver: false, for: .seconds(30))
            #expect(try await shown(on: scene)?.consumer == "two")
        }
    }

    @Test func whatIsNotShownAgainVanishesAndMakesRoom() async throws {
        try await RedisScene.with { scene in
            let one = try #require(try await scene.join(as: "one") as? any HandlerReporting)
            let two = try #require(try await scene.join(as: "two") as? any HandlerReporting)
            try await one.report(handler("one", 90), isOver: false, for: .milliseconds(100))
            try await eventually("it vanishes") { try await shown(on: scene) == nil }
            try await two.report(handler("two", 60), isOver: false, for: .seconds(30))
            #expect(try await shown(on: scene)?.consumer == "two")
        }
    }

    @Test func junkInItsPlaceIsOverwritten() async throws {
        try await RedisScene.with { scene in
            let one = try #require(try await scene.join(as: "one") as? any HandlerReporting)
            try await scene.server.command("HSET", "{orders}:billing:floor", "slow", "1 2 x")
            #expect(try await shown(on: scene) == nil)
            try await one.report(handler("one", 90), isOver: false, for: .seconds(30))
            #expect(try await shown(on: scene)?.consumer == "one")
        }
    }

    @Test func anotherProcessSeesAHandlerAsLongAsItRuns() async throws {
        try await RedisScene.with { scene in
            let url = ConfigurationNode(.scalar(scene.server.url, isQuoted: true))
            let options = ConfigurationNode(.map([.init(key: "url", node: url)]))
            let quick = ConsumerOptions(visibility: .milliseconds(600), warnAfter: .milliseconds(100))
            let registry = try BrokerRegistry(
                BrokersConfiguration(
                    brokers: [BrokerConfiguration("events", provider: "redis-streams", options: options)],
                    streams: [StreamConfiguration("orders", groups: [GroupConfiguration("billing", quick)])]),
                logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
            let over = WakeSignal()
            try await withBrokerRegistry(registry) { registry in
                registry.handle("orders", group: "billing") { _ in await over.wait() }
            } body: { registry in
                let id = try await registry.publish(Message("x"), to: "orders").id
                try await eventually("it is seen") { try await shown(on: scene)?.message == id }
                over.raise()
                try await eventually("it is gone") { try await shown(on: scene) == nil }
            }
        }
    }
}
