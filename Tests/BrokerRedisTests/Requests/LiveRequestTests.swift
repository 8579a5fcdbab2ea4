// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Requests over Pub/Sub, on a real server: everybody who listens is asked, and nobody hangs.
@Suite(.inRealTime, .timeLimit(.minutes(2))) struct LiveRequestTests {
    /// Runs `body` with a requester that handles nothing, beside `answerers` processes that reply.
    private static func with(
        answerers: Int, channels: RedisChannels.Kind = .classic,
        handling handler: @escaping DeliveryHandler = RequestScene.answer,
        _ body: @escaping @Sendable (RequestScene) async throws -> Void
    ) async throws {
        try await RedisServer.with { server in
            try await answering(answerers, on: server, channels, handler) {
                let requester = try RequestScene(server, onPubSub: true, channels: channels)
                try await requester.listeners(answerers)
                try await requester.run(body)
            }
            try await leavesNothing(on: server)
        }
    }

    private static func answering(
        _ count: Int, on server: RedisServer, _ channels: RedisChannels.Kind, _ handler: @escaping DeliveryHandler,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        if count == 0 { return try await body() }
        try await RequestScene(server, onPubSub: true, channels: channels).run(handling: handler) { _ in
            try await answering(count - 1, on: server, channels, handler, body)
        }
    }

    /// No channel, no pattern, and no connection but the one that asks.
    private static func leavesNothing(on server: RedisServer) async throws {
        // The server notices a moment later that a connection was closed.
        try await eventually("no connection") {
            try await server.command("CLIENT", "LIST").string?.split(separator: "\n").count == 1
        }
        for list in ["CHANNELS", "SHARDCHANNELS"] {
            #expect(try await server.command("PUBSUB", list).elements.count == 0)
        }
        #expect(try await server.command("PUBSUB", "NUMPAT").integer == 0)
        #expect(try await server.command("KEYS", "*").elements.count == 0)
    }

    @Test(arguments: [RedisChannels.Kind.classic, .sharded])
    func aThousandAnswersComeBackAndNothingIsLeft(channels: RedisChannels.Kind) async throws {
        try await Self.with(answerers: 1, channels: channels) { requester in
            let (right, codes) = await requester.ask((0..<1000).map { "\($0)" }, timeout: .seconds(60))
            #expect(right == 1000)
            #expect(codes == [])
            #expect(requester.registry.waitingRequests == 0)
            #expect(requester.dropped.all.isEmpty)
        }
    }

    @Test func ofSeveralAnswersTheFirstCounts() async throws {
        try await Self.with(answerers: 3) { requester in
            let (right, codes) = await requester.ask((0..<50).map { "\($0)" }, timeout: .seconds(60))
            #expect(right == 50)
            #expect(codes == [])
            try await eventually("the others are dropped") { requester.dropped.all.count == 100 }
            #expect(Set(requester.dropped.all) == [.unawaited])
            #expect(requester.registry.waitingRequests == 0)
        }
    }

    /// A caller gives up, then a whole process; each time the handler answers afterwards.
    @Test func lateAnswersAreDroppedAndCounted() async throws {
        try await RedisServer.with { server in
            let answerer = try RequestScene(server, onPubSub: true)
            let requester = try RequestScene(server, onPubSub: true)
            let gate = Gate()
            try await answerer.run(handling: {
                await gate.wait(for: $0.message.payload.string)
                try await RequestScene.answer($0)
            }) { answerer in
                try await answerer.listeners(1)
                try await requester.run { requester in
                    gate.open("zero")
                    #expect(await requester.ask(["zero"], timeout: .seconds(60)).right == 1)
                    let (_, codes) = await requester.ask(["one", "two"], timeout: .seconds(2))
                    #expect(codes == [.timeout, .timeout])
                    gate.open("one")
                    try await eventually("the answer is dropped") { requester.dropped.all == [.unawaited] }
                }
                gate.open("two")
                try await eventually("the answer is dropped") { answerer.dropped.all == [.requesterGone] }
            }
            try await Self.leavesNothing(on: server)
        }
    }

    @Test func aCancelledCallerLeavesNothing() async throws {
        let begun = Counter()
        let gate = Gate()
        try await Self.with(answerers: 1) {
            _ = begun.add(1)
            await gate.wait(for: $0.message.payload.string)
            try await RequestScene.answer($0)
        } _: { requester in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let (_, codes) = await requester.ask(["one", "two"], timeout: .seconds(100))
                    #expect(codes == [.cancelled, .cancelled])
                }
                try await eventually("two requests") { begun.value == 2 }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(requester.registry.waitingRequests == 0)
            for name in ["one", "two"] { gate.open(name) }
            try await eventually("the answers are dropped") { requester.dropped.all == [.unawaited, .unawaited] }
        }
    }

    @Test func whoAsksWhereNobodyListensGetsATimeout() async throws {
        try await Self.with(answerers: 0) { requester in
            #expect(await requester.ask(["one", "two"], timeout: .seconds(1)).codes == [.timeout, .timeout])
            #expect(requester.registry.waitingRequests == 0)
        }
    }

    /// Every connection that listens breaks while 200 wait: who is not answered gets a timeout, and whoever asks
    /// afterwards is answered.
    @Test func nobodyHangsWhenTheConnectionsBreak() async throws {
        let begun = Counter()
        let gate = Gate()
        try await Self.with(answerers: 1) {
            _ = begun.add(1)
            await gate.wait(for: $0.message.payload.string)
            try await RequestScene.answer($0)
        } _: { requester in
            async let answers = requester.ask((0..<200).map { "\($0)" }, timeout: .seconds(10))
            try await eventually("everybody waits") { requester.registry.waitingRequests == 200 && begun.value > 0 }
            try await requester.server.command("CLIENT", "KILL", "TYPE", "pubsub")
            for number in 0..<250 { gate.open("\(number)") }
            let (right, codes) = await answers
            print("broken connections: \(right) answered, \(codes.count) not")
            #expect(right + codes.count == 200)
            #expect(Set(codes).isSubset(of: [.timeout]))
            #expect(requester.registry.waitingRequests == 0)
            try await eventually("everybody listens again") {
                try await requester.server.command("PUBSUB", "CHANNELS").elements.count == 2
            }
            let later = await requester.ask((200..<250).map { "\($0)" }, timeout: .seconds(60))
            #expect(later.right == 50)
            #expect(later.codes == [])
        }
    }
}

extension AttacksOnWorkers.KilledAnswerers {
    /// Each worker is asked everything, so that one that dies costs nobody an answer.
    @Test func onPubSubTheOtherAnswererIsEnough() async throws {
        try await RedisServer.with { server in
            var settings = WorkerSettings(server.url)
            (settings.concurrency, settings.prefetch) = (16, 64)
            settings.liveBuffer = "{ limit: 10000 }"
            try await Supervisor.with(2, settings) { crew in
                let scene = try RequestScene(server, onPubSub: true)
                try await scene.listeners(2)
                try await scene.run { scene in
                    async let answers = scene.ask((0..<1000).map { "\($0) 20" }, timeout: .seconds(100))
                    try await crew.wait(for: "answers") { $0.handled.count >= 200 }
                    crew.kill(1)
                    let (right, codes) = await answers
                    #expect(right == 1000)
                    #expect(codes == [])
                    #expect(scene.registry.waitingRequests == 0)
                }
                try await eventually("a death") { crew.deaths == 1 }
            }
        }
    }
}
