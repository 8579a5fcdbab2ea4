// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import BrokerTestKit
import Testing

/// Callers that do not wait to the end, and many at once.
@Suite struct WaitingRequestTests {
    @Test func aCancelledCallerStopsAtOnce() async throws {
        let bench = try EngineBench(.test())
        try await bench.run {
            let start = bench.elapsed
            let result = await withTaskGroup(of: BrokerError.Code?.self) { group in
                group.addTask {
                    do throws(BrokerError) {
                        _ = try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(60))
                        return nil
                    } catch {
                        return error.code
                    }
                }
                await bench.pass(.seconds(1))
                #expect(bench.registry.waitingRequests == 1)
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(result == .cancelled)
            #expect(bench.elapsed - start == .seconds(1))
            #expect(bench.registry.waitingRequests == 0)
        }
    }

    @Test func whoWaitsWhenTheRegistryEndsIsToldAtOnce() async throws {
        let bench = try EngineBench(.test())
        let codes = Journal<BrokerError.Code>()
        try await bench.time.run {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await bench.registry.run() }
                await Task.yield()
                group.addTask {
                    do throws(BrokerError) {
                        _ = try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(3600))
                    } catch {
                        codes.append(error.code)
                    }
                }
                await bench.pass(.seconds(1))
                bench.registry.drain()
                await bench.pass(.milliseconds(1))
                #expect(codes.all == [.closed])
            }
        }
        #expect(bench.elapsed < .seconds(2))
        let error = await #expect(throws: BrokerError.self) {
            try await bench.registry.request(Message("one"), to: "orders")
        }
        #expect(error?.code == .closed)
    }

    /// A handler that is allowed to finish may still ask, and its answer still comes.
    @Test func aHandlerThatFinishesDuringTheDrainGetsItsAnswer() async throws {
        let more = StreamConfiguration("more", groups: [GroupConfiguration("answering")])
        let bench = try EngineBench(.test(), streams: [more])
        let answers = Journal<Message>()
        bench.handle { _ in
            await bench.pass(.seconds(1))
            answers.append(try await bench.registry.request(Message("from the drain"), to: "more"))
        }
        bench.registry.handle("more", group: "answering") { _ in }
        try await bench.run {
            try await bench.publish("one")
            await bench.pass(.milliseconds(1))
            bench.registry.drain()
            await bench.pass(.seconds(2))
            // Consumers have stopped reading, so the answer is written by hand, as another process would.
            let requests = try await #require(bench.registry.broker("events")).latest(1, of: "more")
            let request = try #require(requests.first?.message.headers)
            var answer = Message("in time")
            answer.headers[ReservedHeaders.correlationID] = request[ReservedHeaders.correlationID]
            let address = StreamName(try #require(request[ReservedHeaders.replyTo]))
            _ = await bench.provider.publish(PublishBatch([.init(stream: address, message: answer)]))
            await bench.pass(.milliseconds(1))
            #expect(answers.all.map(\.payload) == ["in time"])
        }
    }

    /// Whoever runs a registry beside something that asks cannot know which of both is first.
    @Test func aRequestWaitsForTheRegistryToRun() async throws {
        let bench = try EngineBench(.test())
        bench.handle { try await $0.reply("re: \($0.text)") }
        try await bench.time.run {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    let text = try await bench.registry.request("one", to: "orders", as: String.self)
                    #expect(text == "re: one")
                    bench.registry.drain()
                }
                await bench.pass(.seconds(5))
                #expect(bench.registry.waitingRequests == 1)
                try await bench.registry.run()
            }
        }
        #expect(bench.registry.waitingRequests == 0)
    }

    @Test func aRequestToARegistryThatDoesNotRunEndsWithItsTimeout() async throws {
        let bench = try EngineBench(.test())
        try await bench.time.run {
            let start = bench.elapsed
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(3))
            }
            #expect(error?.code == .notRunning && error?.effect == .notApplied)
            #expect(bench.elapsed - start == .seconds(3))
            #expect(bench.registry.waitingRequests == 0)
        }
    }

    /// It is closed, or its handlers do not fit: nobody will ever read an answer.
    @Test(arguments: [true, false]) func aRegistryThatNeverRunsTellsWhoWaitsForIt(isMisfit: Bool) async throws {
        let bench = try EngineBench(.test())
        if isMisfit { bench.registry.handle("ordres", group: "billing") { _ in } }
        try await bench.time.run {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    let error = await #expect(throws: BrokerError.self) {
                        try await bench.registry.request(Message("one"), to: "orders", timeout: .seconds(3600))
                    }
                    #expect(error?.code == .closed && error?.effect == .notApplied)
                }
                await bench.pass(.seconds(1))
                if isMisfit { try? await bench.registry.run() } else { await bench.registry.close() }
            }
            #expect(bench.elapsed < .seconds(2))
        }
    }

    /// Somebody deletes the stream of answers while its owner lives; who asks then is answered all the same.
    @Test(arguments: [true, false]) func aStreamOfAnswersThatIsLostIsMadeAgain(isEverything: Bool) async throws {
        let bench = try EngineBench(.test())
        bench.handle { try await $0.reply("re: \($0.text)") }
        let provider = try #require(bench.provider as? MemoryProvider)
        try await bench.run {
            for number in 1...3 {
                let text = try await bench.registry.request("\(number)", to: "orders", as: String.self)
                #expect(text == "re: \(number)")
                if isEverything {
                    try provider.flush()
                } else {
                    #expect(try await provider.delete(StreamSelection("~replies:*"), idleFor: .zero) == 1)
                }
                await bench.pass(.milliseconds(1))
            }
        }
    }

    @Test func aTimeoutSaysWhyAnswersCannotBeRead() async throws {
        let time = VirtualTime()
        let provider = DeafProvider(memory: MemoryProvider(clock: time.clock))
        let bench = try EngineBench(.test(), time: time, provider: provider)
        bench.handle { try await $0.reply("unread") }
        try await bench.run {
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.request(Message("one"), to: "orders")
            }
            #expect(error?.code == .timeout && error?.effect == .unknown)
            #expect((error?.underlying as? BrokerError)?.message == "no right to read")
            #expect(bench.registry.waitingRequests == 0)
        }
    }

    @Test func aThousandCallersGetTheirOwnAnswers() async throws {
        let bench = try EngineBench(.test(concurrency: 16))
        bench.handle { try await $0.reply("re: \($0.text)") }
        try await bench.run {
            let right = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        let answer = try await bench.registry.request("\(number)", to: "orders", as: String.self)
                        return answer == "re: \(number)"
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(right == 1000)
            #expect(bench.registry.waitingRequests == 0)
            #expect(bench.events.droppedReplies.isEmpty)
        }
    }

    @Test func theStreamsOfAnswersAreNobodyElses() async throws {
        let all = StreamConfiguration("*", groups: [GroupConfiguration("everything")])
        let bench = try EngineBench(.test(), streams: [all])
        let streams = Journal<StreamName>()
        bench.registry.handle("*", group: "everything") { streams.append($0.stream) }
        bench.handle { try await $0.reply("yes") }
        try await bench.run {
            _ = try await bench.registry.request(Message("one"), to: "orders")
            await bench.pass(.seconds(5))
            #expect(Set(streams.all) == ["orders"])
            let error = await #expect(throws: BrokerError.self) {
                try await bench.registry.publish(Message("forged"), to: "~replies:test-1")
            }
            #expect(error?.code == .undeclaredStream)
        }
    }
}

/// In memory, but answers cannot be read.
private struct DeafProvider: BrokerProvider {
    struct Subscription: BrokerSubscription {
        let subscription: any BrokerSubscription

        func receive(_ request: ReceiveRequest) async throws(BrokerError) -> Received {
            throw BrokerError(.unauthorized, "no right to read")
        }

        func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
            try await subscription.settle(settlements)
        }

        func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
            try await subscription.extend(receipts)
        }

        func close() async { await subscription.close() }
    }

    let memory: MemoryProvider

    var capabilities: BrokerCapabilities { memory.capabilities }

    func run() async throws { try await memory.run() }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await memory.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        let subscription = try await memory.subscribe(request)
        return request.group == "~requester" ? Subscription(subscription: subscription) : subscription
    }

    func close() async { await memory.close() }
}
