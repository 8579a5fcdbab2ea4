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
import Testing

/// Requests over a real server: nobody hangs, and nothing stays behind.
@Suite(.inRealTime, .timeLimit(.minutes(2))) struct RequestTests {
    @Test func answersComeBackAndTheirStreamGoesWithTheRegistry() async throws {
        try await RedisServer.with { server in
            let scene = try RequestScene(server)
            try await scene.run(handling: RequestScene.answer) { scene in
                let (right, codes) = await scene.ask((0..<1000).map { "\($0)" }, timeout: .seconds(60))
                #expect(right == 1000 && codes.isEmpty)
                #expect(scene.registry.waitingRequests == 0)
                let stream = try #require(try await scene.listedAnswers().first)
                try await eventually("no answer pending") { try await server.pendingCount(stream, "~requester") == 0 }
                try await eventually("what was answered has left the server") {
                    try await server.command("XLEN", stream).integer == 0
                }
            }
            #expect(try await scene.keysOfAnswers().isEmpty)
            #expect(try await scene.listedAnswers().isEmpty)
            #expect(scene.dropped.all.isEmpty)
        }
    }

    /// A caller gives up, then a whole process; each time the handler answers afterwards.
    /// With the least of connections there is room for one handler, and for the answers.
    @Test func requestsHaveAConnectionBesideThoseOfTheHandlers() async throws {
        try await RedisServer.with { server in
            let scene = try RequestScene(server, maximumConnections: 4)
            try await scene.run(handling: RequestScene.answer) { scene in
                let (right, codes) = await scene.ask(["1"], timeout: .seconds(60))
                #expect(right == 1, "\(codes)")
                let more = StreamHandler("also", group: "crew") { _ in }
                #expect(throws: Never.self) { try scene.registry.add(more) }
                let tooMany = StreamHandler("{work}:dead", group: "crew") { _ in }
                let error = #expect(throws: ConfigurationError.self) { try scene.registry.add(tooMany) }
                let text = error.map { "\($0)" } ?? ""
                #expect(text.contains("has room for 1 consumer, and there are 2 handlers"))
            }
        }
    }

    /// Whichever joins first, the reader of replies or the consumer.
    @Test func theReaderOfRepliesTakesNoConnectionFromAConsumer() async throws {
        try await RedisServer.with { server in
            var options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.url)))
            options.maximumConnections = 4
            let provider = try RedisStreamsProvider(
                options, clock: EngineThread.shared, logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() })
            for stream in ["~replies", "orders"] {
                let request = SubscriptionRequest(
                    StreamSelection(stream), group: "crew", consumer: "one", start: .earliest, visibility: .seconds(30))
                _ = try await provider.subscribe(request)
            }
            await provider.close()
        }
    }

    @Test func lateAnswersAreDroppedAndLeaveNothing() async throws {
        try await RedisServer.with { server in
            let answerer = try RequestScene(server)
            let requester = try RequestScene(server)
            let gate = Gate()
            try await answerer.run(handling: {
                await gate.wait(for: $0.message.payload.string)
                try await RequestScene.answer($0)
            }) { answerer in
                try await requester.run { requester in
                    gate.open("zero")
                    #expect(await requester.ask(["zero"], timeout: .seconds(60)).right == 1)
                    // The stream of answers is open, so that these are stored long before their time is over.
                    let (_, codes) = await requester.ask(["one", "two"], timeout: .seconds(2))
                    #expect(codes == [.timeout, .timeout])
                    #expect(requester.registry.waitingRequests == 0)
                    gate.open("one")
                    try await eventually("the answer is dropped") { requester.dropped.all == [.unawaited] }
                }
                #expect(try await requester.keysOfAnswers().isEmpty)
                gate.open("two")
                try await eventually("the answer is dropped") { answerer.dropped.all == [.requesterGone] }
                try await eventually("the request is settled") { try await server.pendingCount("work", "crew") == 0 }
                #expect(try await requester.keysOfAnswers().isEmpty, "a late answer makes no stream")
            }
        }
    }

    /// What an operator or a janitor may do to the stream of answers of a process that lives.
    @Test(arguments: ["DEL", "FLUSHALL", "XGROUP DESTROY", "CLIENT KILL", "replaced"])
    func aStreamOfAnswersThatIsLostIsMadeAgain(harm: String) async throws {
        try await RedisServer.with { server in
            let scene = try RequestScene(server)
            try await scene.run(handling: RequestScene.answer) { scene in
                for round in 0..<3 {
                    // An answer that comes before the stream is there again is lost, and its caller asks once more.
                    try await eventually("an answer in round \(round)") {
                        await scene.ask(["\(round)"], timeout: .seconds(2)).right == 1
                    }
                    let stream = try #require(try await scene.listedAnswers().first)
                    switch harm {
                    case "DEL": try await server.command("DEL", stream)
                    case "FLUSHALL": try await server.command("FLUSHALL")
                    case "XGROUP DESTROY": try await server.command("XGROUP", "DESTROY", stream, "~requester")
                    case "CLIENT KILL": try await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                    default: try await server.replace()
                    }
                }
                try await eventually("an answer in the end") {
                    await scene.ask(["end"], timeout: .seconds(2)).right == 1
                }
                #expect(scene.registry.waitingRequests == 0)
            }
            #expect(try await scene.keysOfAnswers().isEmpty)
            #expect(try await scene.listedAnswers().isEmpty)
        }
    }

    /// Each broker has a stream of answers of its own, and who is asked may ask on the other one.
    @Test func whoIsAskedOnOneBrokerMayAskOnAnother() async throws {
        try await RedisServer.with { server in
            let scene = try RequestScene(server)
            scene.registry.handle("also", group: "crew", handler: RequestScene.answer)
            let registry = scene.registry
            try await scene.run(handling: { delivery in
                let answer = try await registry.request(Message(delivery.message.payload), to: "also")
                try await delivery.reply(Message(answer.payload))
            }) { scene in
                try await eventually("a listener") {
                    try await server.command("PUBSUB", "NUMSUB", "also").elements[1]?.integer == 1
                }
                let (right, codes) = await scene.ask((0..<200).map { "\($0)" }, timeout: .seconds(60))
                #expect(right == 200 && codes == [])
                #expect(scene.registry.waitingRequests == 0)
            }
            #expect(try await scene.keysOfAnswers().isEmpty)
            #expect(scene.dropped.all.isEmpty)
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
            for name in ["~replies:left", "~replies:read"] {
                let request = SubscriptionRequest(
                    .stream(StreamName(name)), group: "~requester", consumer: "one@30000", start: .latest)
                let subscription = try await fixture.provider.subscribe(request)
                let entry = PublishBatch.Entry(stream: StreamName(name), message: Message("answer"))
                _ = try await fixture.provider.publish(PublishBatch([entry])).first?.get()
                _ = try await subscription.receive(ReceiveRequest(limit: 10, wait: .seconds(5)))
                try await fixture.server.command("EVAL", Self.aging, "1", name)
                if name == "~replies:read" {
                    _ = try await subscription.receive(ReceiveRequest(limit: 10, wait: .zero))
                }
            }
            #expect(try await fixture.provider.delete(StreamSelection("~replies:*"), idleFor: .seconds(3600)) == 1)
            let keys = try await fixture.command("KEYS", "*~replies:left*").elements.compactMap(\.string)
            #expect(keys.isEmpty)
            let members = try await fixture.command("SMEMBERS", "~streams").elements.compactMap(\.string)
            #expect(members == ["~replies:read"])
        }
    }

    /// Lets a key have been used two hours ago for the last time.
    private static let aging = """
        return redis.call('RESTORE', KEYS[1], 0, redis.call('DUMP', KEYS[1]), 'REPLACE', 'IDLETIME', 7200)
        """
}

extension AttacksOnWorkers {
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
