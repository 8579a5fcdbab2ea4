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

/// Requests over a real server: nobody hangs, and nothing stays behind.
@Suite(.timeLimit(.minutes(2))) struct RequestTests {
    @Test func answersComeBackAndTheirStreamGoesWithTheRegistry() async throws {
        try await RedisServer.with { server in
            let scene = try RequestScene(server)
            try await scene.run(handling: { try await $0.reply(Message(Payload("re \($0.message.payload.string)"))) }) {
                scene in
                let (right, codes) = await scene.ask((0..<1000).map { "\($0)" }, timeout: .seconds(60))
                #expect(right == 1000 && codes.isEmpty)
                #expect(scene.registry.waitingRequests == 0)
                let stream = try #require(try await scene.listedAnswers().first)
                try await eventually("no answer pending") { try await server.pendingCount(stream, "~asker") == 0 }
            }
            #expect(try await scene.keysOfAnswers().isEmpty)
            #expect(try await scene.listedAnswers().isEmpty)
            #expect(scene.dropped.all.isEmpty)
        }
    }

    /// A caller gives up, then a whole process; each time the handler answers afterwards.
    @Test func lateAnswersAreDroppedAndLeaveNothing() async throws {
        try await RedisServer.with { server in
            let answerer = try RequestScene(server)
            let asker = try RequestScene(server)
            let gate = Gate()
            try await answerer.run(handling: {
                await gate.wait(for: $0.message.payload.string)
                try await $0.reply(Message("late"))
            }) { answerer in
                try await asker.run { asker in
                    // From then on the stream of answers is open, and however short a time is, a request is published.
                    gate.open("zero")
                    _ = await asker.ask(["zero"], timeout: .seconds(60))
                    let (_, codes) = await asker.ask(["one", "two"], timeout: .milliseconds(300))
                    #expect(codes == [.timeout, .timeout])
                    #expect(asker.registry.waitingRequests == 0)
                    gate.open("one")
                    try await eventually("the answer is dropped") { asker.dropped.all == [.unawaited] }
                }
                #expect(try await asker.keysOfAnswers().isEmpty)
                gate.open("two")
                try await eventually("the answer is dropped") { answerer.dropped.all == [.askerGone] }
                try await eventually("the request is settled") { try await server.pendingCount("work", "crew") == 0 }
                #expect(try await asker.keysOfAnswers().isEmpty, "a late answer makes no stream")
            }
        }
    }

    @Test func aCancelledCallerLeavesNothing() async throws {
        try await RedisServer.with { server in
            try await RequestScene(server).run { scene in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let (_, codes) = await scene.ask(["one", "two"], timeout: .seconds(100))
                        #expect(codes == [.cancelled, .cancelled])
                    }
                    try await eventually("two requests") { try await server.command("XLEN", "work").integer == 2 }
                    group.cancelAll()
                    try await group.waitForAll()
                }
                #expect(scene.registry.waitingRequests == 0)
            }
        }
    }

    @Test func aStreamOfAnswersThatADeadProcessLeftIsDeleted() async throws {
        try await ProviderFixture.with { fixture in
            for name in ["left", "read"] {
                let request = SubscriptionRequest(
                    .stream(StreamName("~replies:\(name)")), group: "~asker", consumer: "one@30000", start: .latest)
                let seat = try await fixture.provider.subscribe(request)
                let entry = PublishBatch.Entry(stream: StreamName("~replies:\(name)"), message: Message("answer"))
                _ = try await fixture.provider.publish(PublishBatch([entry])).first?.get()
                if name == "left" { _ = try await seat.receive(1, wait: .seconds(5)) }
            }
            let everything = StreamSelection("~replies:*")
            #expect(try await fixture.provider.delete(everything, idleFor: .seconds(3600)) == 0)
            try await eventually("the one that is left") {
                _ = try await fixture.command("XLEN", "~replies:read")
                return try await fixture.provider.delete(everything, idleFor: .seconds(2)) == 1
            }
            let keys = try await fixture.command("KEYS", "*~replies:left*").elements.compactMap(\.string)
            #expect(keys.isEmpty)
            let members = try await fixture.command("SMEMBERS", "streams").elements.compactMap(\.string)
            #expect(members == ["~replies:read"])
        }
    }
}

extension Attacks {
    /// Answerers that end without a word.
    @Suite struct KilledAnswerers {
        @Test func everyRequestIsAnsweredAlthoughAnswerersAreKilled() async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.prefetch) = (16, 64)
                (settings.visibility, settings.attempts) = (2000, 50)
                try await Supervisor.with(2, settings) { crew in
                    let scene = try RequestScene(server)
                    try await scene.run { scene in
                        async let answers = scene.ask((0..<1000).map { "\($0) 20" }, timeout: .seconds(100))
                        for kill in 1...3 {
                            try await crew.wait(for: "answers") { $0.handled.count >= kill * 100 }
                            crew.kill(kill)
                        }
                        let (right, codes) = await answers
                        print("killed answerers: deaths \(crew.deaths), dropped \(scene.dropped.all.count)")
                        #expect(right == 1000)
                        #expect(codes == [])
                        #expect(scene.registry.waitingRequests == 0)
                        try await eventually("nothing pending") {
                            try await server.pendingCount("work", "crew") == 0
                        }
                    }
                    #expect(crew.deaths == 3)
                    #expect(try await scene.keysOfAnswers().isEmpty)
                }
            }
        }
    }
}
