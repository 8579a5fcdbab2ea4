// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct OrderingTests {
    private typealias Run = (text: String, attempt: Int, at: Duration)

    private func publish(_ texts: [String], to bench: EngineBench) async throws {
        let messages = texts.map { Message(Payload($0), key: $0.first == "-" ? nil : $0.first.map(String.init)) }
        for result in await bench.registry.publish(batch: messages, to: "orders") { _ = try result.get() }
    }

    @Test func equalKeysAreHandledOneAfterAnotherAndDifferentOnesTogether() async throws {
        let bench = try EngineBench(.test(concurrency: 8, ordering: .key))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, delivery.attempt, bench.elapsed))
            await bench.pass(.seconds(10))
        }
        try await bench.run {
            try await publish(["a1", "a2", "b1", "a3", "b2", "-1", "-2"], to: bench)
            await bench.pass(.seconds(60))
        }
        #expect(Set(runs.all.filter { $0.at == .zero }.map(\.text)) == ["a1", "b1", "-1", "-2"])
        #expect(Set(runs.all.filter { $0.at == .seconds(10) }.map(\.text)) == ["a2", "b2"])
        #expect(runs.all.filter { $0.at == .seconds(20) }.map(\.text) == ["a3"])
    }

    @Test func aRetryHoldsUpOnlyItsOwnKeyAndKeepsItsOrder() async throws {
        let bench = try EngineBench(.test(delay: .seconds(20), concurrency: 4, ordering: .key))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, delivery.attempt, bench.elapsed))
            if delivery.text == "a1", delivery.attempt < 3 { throw Failure() }
        }
        try await bench.run {
            try await publish(["a1", "a2", "b1", "b2"], to: bench)
            await bench.pass(.seconds(120))
            #expect(try await bench.pending() == 0)
        }
        let a = runs.all.filter { $0.text.first == "a" }
        #expect(a.map(\.text) == ["a1", "a1", "a1", "a2"])
        #expect(a.map(\.attempt) == [1, 2, 3, 1])
        #expect(a.map(\.at) == [.zero, .seconds(20), .seconds(40), .seconds(40)])
        #expect(runs.all.filter { $0.text.first == "b" }.map(\.at) == [.zero, .zero])
    }

    @Test func aDeadLetterLetsTheNextOfItsKeyThrough() async throws {
        let bench = try EngineBench(.test(attempts: 2, delay: .seconds(5), ordering: .key))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, delivery.attempt, bench.elapsed))
            if delivery.text == "a1" { throw Failure() }
        }
        try await bench.run {
            try await publish(["a1", "a2"], to: bench)
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().map(\.payload) == ["a1"])
        }
        #expect(runs.all.map(\.text) == ["a1", "a1", "a2"])
        #expect(bench.events.kinds == [.retry, .deadLetter, .ack])
    }

    @Test func aStreamIsHandledStrictlyOneAtATime() async throws {
        let bench = try EngineBench(.test(delay: .seconds(3), concurrency: 8, ordering: .stream))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, delivery.attempt, bench.elapsed))
            await bench.pass(.seconds(1))
            if delivery.text == "b1", delivery.attempt == 1 { throw Failure() }
        }
        try await bench.run {
            try await publish(["a1", "b1", "c1"], to: bench)
            await bench.pass(.seconds(60))
        }
        #expect(runs.all.map(\.text) == ["a1", "b1", "b1", "c1"])
        #expect(runs.all.map(\.at) == [.zero, .seconds(1), .seconds(5), .seconds(6)])
    }

    /// A retry in place keeps its slot: found by simulation, a delivery that was kept settled the attempt after its own.
    @Test func aDeliveryThatWasKeptCannotSettleTheRetryInPlace() async throws {
        let bench = try EngineBench(.test(delay: .seconds(1), ordering: .key))
        let kept = Journal<Delivery>()
        let codes = Journal<BrokerError.Code?>()
        let results = Journal<SettledEvent.Outcome>()
        bench.handle { delivery in
            guard let first = kept.all.first else {
                kept.append(delivery)
                throw Failure()
            }
            do throws(BrokerError) { try first.deadLetter("late") } catch { codes.append(error.code) }
            do throws(BrokerError) { try await first.extend() } catch { codes.append(error.code) }
            results.append(await first.settled)
        }
        try await bench.run {
            try await publish(["a1"], to: bench)
            await bench.pass(.seconds(10))
        }
        #expect(codes.all == [.alreadySettled, .alreadySettled])
        #expect(results.all == [.settled])
        #expect(bench.events.kinds == [.retry, .ack])
    }

    /// The message waits in its lane, and its retry is on record: nothing more will be told of that settlement.
    @Test func whoAsksWhileARetryInPlaceWaitsIsToldAtOnce() async throws {
        let bench = try EngineBench(.test(delay: .seconds(20), ordering: .key))
        let kept = Journal<Delivery>()
        bench.handle { delivery in
            kept.append(delivery)
            if delivery.attempt == 1 { throw Failure() }
        }
        try await bench.run {
            try await publish(["a1"], to: bench)
            await bench.pass(.seconds(1))
            #expect(await kept.all.first?.settled == .done)
            #expect(bench.elapsed == .seconds(1))
            await bench.pass(.seconds(30))
        }
        #expect(bench.events.kinds == [.retry, .ack])
    }

    @Test func aRetryInPlaceByAVerbWaitsInItsLane() async throws {
        let bench = try EngineBench(.test(concurrency: 4, ordering: .key))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, delivery.attempt, bench.elapsed))
            guard delivery.text == "a1", delivery.attempt == 1 else { return }
            try delivery.retry(after: .seconds(9))
            await bench.pass(.seconds(2))
        }
        try await bench.run {
            try await publish(["a1", "a2"], to: bench)
            await bench.pass(.seconds(60))
        }
        #expect(runs.all.map(\.text) == ["a1", "a1", "a2"])
        #expect(runs.all.map(\.at) == [.zero, .seconds(9), .seconds(9)])
        #expect(runs.all.map(\.attempt) == [1, 2, 1])
    }

    @Test func aRetryLongerThanTheVisibilityKeepsItsLease() async throws {
        let bench = try EngineBench(.test(visibility: .seconds(30), delay: .seconds(200), ordering: .key))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, delivery.attempt, bench.elapsed))
            if delivery.attempt == 1 { throw Failure() }
        }
        try await bench.run {
            try await publish(["a1", "a2"], to: bench)
            await bench.pass(.seconds(500))
        }
        #expect(runs.all.map(\.text) == ["a1", "a1", "a2", "a2"])
        #expect(runs.all.map(\.attempt) == [1, 2, 1, 2])
        #expect(bench.events.leasesLost == 0)
        #expect(bench.events.received.count == 2)
    }

    @Test(arguments: 1...10)
    func theOrderOfEachKeyHoldsWhateverFails(_ seed: UInt64) async throws {
        let bench = try EngineBench(
            .test(attempts: 4, delay: .seconds(2), concurrency: 5, prefetch: 20, ordering: .key),
            time: VirtualTime(seed: seed))
        let done = Journal<String>()
        bench.handle { delivery in
            let draw = delivery.id.sequence &* 2_654_435_761 &+ UInt64(delivery.attempt) &* 40_503 &+ seed
            await bench.pass(.milliseconds(Int64(draw % 900)))
            if draw % 3 == 0, !delivery.isLastAttempt { throw Failure() }
            done.append(delivery.text)
        }
        try await bench.run {
            let texts = (0..<200).map { number in "\("abcdefg".randomElement(at: number))\(1000 + number)" }
            try await publish(texts, to: bench)
            await bench.pass(.seconds(2000))
        }
        #expect(done.count == 200)
        for (_, texts) in Dictionary(grouping: done.all, by: { $0.first }) { #expect(texts == texts.sorted()) }
    }
}

extension String {
    fileprivate func randomElement(at number: Int) -> Character {
        self[index(startIndex, offsetBy: (number &* 7919) % count)]
    }
}
