// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct BatchTests {
    private typealias Run = (texts: [String], at: Duration)

    private func handle(
        _ bench: EngineBench, _ size: BatchSize, _ runs: Journal<Run>,
        _ handler: @escaping BatchHandler = { _ in }
    ) {
        bench.registry.handle("orders", group: "billing", batch: size) { deliveries in
            runs.append((deliveries.map(\.text), bench.elapsed))
            try await handler(deliveries)
        }
    }

    @Test func aFullBatchGoesAtOnceAndTheRestWhenItsTimeHasCome() async throws {
        let bench = try EngineBench(.test(concurrency: 1))
        let runs = Journal<Run>()
        handle(bench, .upTo(3, within: .seconds(2)), runs)
        try await bench.run {
            try await bench.publish("a", "b", "c", "d")
            await bench.pass(.seconds(10))
            #expect(try await bench.pending() == 0)
        }
        #expect(runs.all.map(\.texts) == [["a", "b", "c"], ["d"]])
        #expect(runs.all.map(\.at) == [.zero, .seconds(2)])
    }

    @Test func aBatchIsFilledByWhatComesWithinItsTime() async throws {
        let bench = try EngineBench(.test(concurrency: 4))
        let runs = Journal<Run>()
        handle(bench, .upTo(3, within: .seconds(10)), runs)
        try await bench.run {
            for text in ["a", "b", "c"] {
                try await bench.publish(text)
                await bench.pass(.seconds(1))
            }
        }
        #expect(runs.all.map(\.texts) == [["a", "b", "c"]])
        #expect(runs.all.map(\.at) == [.seconds(2)])
    }

    @Test func throwingRetriesTheWholeBatch() async throws {
        let bench = try EngineBench(.test(attempts: 2))
        let runs = Journal<Run>()
        handle(bench, .upTo(2, within: .zero), runs) { _ in throw Failure() }
        try await bench.run {
            try await bench.publish("a", "b")
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().map(\.payload) == ["a", "b"])
        }
        #expect(bench.events.kinds == [.retry, .retry, .deadLetter, .deadLetter])
    }

    @Test func whatWasSettledSinglyIsLeftOutOfTheBatchsEnd() async throws {
        let bench = try EngineBench(.test(concurrency: 1))
        let runs = Journal<Run>()
        handle(bench, .upTo(3, within: .seconds(1)), runs) { deliveries in
            for delivery in deliveries where delivery.text == "a" { try delivery.ack() }
            for delivery in deliveries where delivery.text == "b" { try delivery.deadLetter("no") }
            if deliveries.contains(where: { $0.text == "a" }) { throw Failure() }
        }
        try await bench.run {
            try await bench.publish("a", "b", "c")
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().map(\.payload) == ["b"])
            #expect(try await bench.pending() == 0)
        }
        #expect(runs.all.map(\.texts) == [["a", "b", "c"], ["c"]])
        #expect(bench.events.kinds == [.ack, .deadLetter, .retry, .ack])
    }

    @Test func whatCannotBeDecodedIsDeadLetteredAndNotInTheBatch() async throws {
        let bench = try EngineBench(.test(concurrency: 1))
        let runs = Journal<[String]>()
        bench.registry.handle("orders", group: "billing", batch: .upTo(3, within: .seconds(1)), as: String.self) {
            runs.append($0.map(\.value))
        }
        try await bench.run {
            try await bench.publish("a", "broken", "b")
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().map(\.payload) == ["broken"])
        }
        #expect(runs.all == [["a", "b"]])
    }

    @Test func withAnOrderABatchHoldsOneKey() async throws {
        let bench = try EngineBench(.test(concurrency: 4, ordering: .key))
        let runs = Journal<Run>()
        handle(bench, .upTo(10, within: .zero), runs)
        try await bench.run {
            let messages = ["a1", "b1", "a2", "b2", "a3"].map { Message(Payload($0), key: $0.first.map(String.init)) }
            _ = await bench.registry.publish(batch: messages, to: "orders")
            await bench.pass(.seconds(60))
        }
        #expect(Set(runs.all.map(\.texts)) == [["a1", "a2", "a3"], ["b1", "b2"]])
    }

    // The delays of the retries differ by chance; the order of the key must not.
    @Test func aFailedBatchOfOneKeyComesAgainInOrder() async throws {
        var options = ConsumerOptions.test(concurrency: 4, ordering: .key)
        options.retry.jitter = 1
        let bench = try EngineBench(options)
        let done = Journal<String>()
        bench.registry.handle("orders", group: "billing", batch: .upTo(4, within: .seconds(1))) { deliveries in
            if deliveries.contains(where: { $0.attempt == 1 && $0.text < "5" }) { throw Failure() }
            for delivery in deliveries { done.append(delivery.text) }
        }
        try await bench.run {
            try await bench.publish("1", "2", "3", "4", "5", "6", key: "a")
            await bench.pass(.seconds(60))
        }
        #expect(done.all == ["1", "2", "3", "4", "5", "6"])
    }

    @Test func aDrainHandsBackABatchThatIsStillBeingFilled() async throws {
        let bench = try EngineBench(.test(concurrency: 2))
        let runs = Journal<Run>()
        handle(bench, .upTo(10, within: .seconds(20)), runs)
        try await bench.run {
            try await bench.publish("a", "b")
            await bench.pass(.seconds(1))
        }
        #expect(runs.all.isEmpty)
        #expect(bench.events.kinds == [.release, .release])
    }

    /// The room for them is multiplied by the concurrency.
    @Test func aBatchOfAnySizeIsBounded() async throws {
        let bench = try EngineBench(.test())
        let runs = Journal<Run>()
        handle(bench, .upTo(.max, within: .seconds(1)), runs)
        try await bench.run {
            try await bench.publish("a", "b")
            await bench.pass(.seconds(2))
        }
        #expect(runs.all.map(\.texts) == [["a", "b"]])
    }

    /// On a real clock the messages of a batch begin some microseconds apart; here decoding one takes a millisecond.
    @Test func aDeadlineMeetsAllOfABatchAlike() async throws {
        let bench = try EngineBench(.test(timeout: .seconds(10), attempts: 2, delay: .seconds(60)))
        let codec = SlowCodec(clock: bench.time.clock)
        _ = try bench.registry.add(
            StreamHandler(
                "orders", group: "billing", batch: .upTo(3, within: .seconds(1)), as: String.self, codec: codec
            ) { _ in
                await bench.pass(.seconds(100))
                try Task.checkCancellation()
            })
        try await bench.run {
            try await bench.publish("a", "b", "c")
            await bench.pass(.seconds(30))
        }
        #expect(bench.events.kinds == [.retry, .retry, .retry])
    }

    @Test func aLostLeaseDoesNotDisturbItsNeighbours() async throws {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let bench = try EngineBench(.test(), time: time, provider: provider)
        let runs = Journal<Run>()
        handle(bench, .upTo(2, within: .zero), runs) { _ in
            await bench.pass(.seconds(15))
            try Task.checkCancellation()
        }
        try await bench.run {
            await bench.pass(.seconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.extending.next(.value([.lost, .done]))
            subscription.deliver([.scripted(1), .scripted(2)])
            await bench.pass(.seconds(60))
        }
        #expect(bench.events.cancellations.isEmpty)
        #expect(bench.events.kinds == [.ack, .ack])
    }
}

/// Takes a millisecond for each body.
private struct SlowCodec: MessageCodec {
    let clock: ManualClock

    func encode<Value: Encodable>(_ value: Value) throws -> Payload { try TextCodec().encode(value) }

    func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
        clock.advance(by: .milliseconds(1))
        return try TextCodec().decode(type, from: payload)
    }
}
