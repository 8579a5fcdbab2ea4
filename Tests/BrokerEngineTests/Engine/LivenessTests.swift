// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// A message that is there begins while a lane is free, for every concurrency and prefetch, and whatever else the
/// handlers do: of these all but one never end.
@Suite(.timeLimit(.minutes(1))) struct LivenessTests {
    static let pairs = [1, 2, 4, 16, 20, 64].flatMap { concurrency in
        [0, 1, 8, 16, 64].map { (concurrency: concurrency, prefetch: $0) }
    }

    private typealias Run = (text: String, at: Duration)

    /// Publishes in waves of `size`, as many messages as there are lanes; the handlers of all but the last never end.
    private func begun(_ pair: (concurrency: Int, prefetch: Int), inWavesOf size: Int) async throws -> [Duration] {
        let bench = try EngineBench(.test(concurrency: pair.concurrency, prefetch: pair.prefetch))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, bench.elapsed))
            if delivery.text != "last" { await bench.neverEnd() }
        }
        try await bench.run {
            for start in stride(from: 0, to: pair.concurrency - 1, by: size) {
                try await bench.publish(numbers: start..<min(start + size, pair.concurrency - 1))
                await bench.pass(.seconds(1))
            }
            try await bench.publish("last")
            await bench.pass(.seconds(1))
        }
        return runs.all.map(\.at)
    }

    @Test(arguments: pairs) func aMessageBeginsAtOnceWhileALaneIsFree(concurrency: Int, prefetch: Int) async throws {
        for size in [1, 3, 64] {
            let times = try await begun((concurrency, prefetch), inWavesOf: size)
            #expect(times.count == concurrency, "in waves of \(size)")
            #expect(times.allSatisfy { $0.isWhole }, "in waves of \(size): \(times)")
        }
    }

    @Test func asManyLongHandlersBeginAsThereAreLanes() async throws {
        let bench = try EngineBench(.test(concurrency: 20, prefetch: 0))
        let runs = Journal<String>()
        bench.handle { delivery in
            runs.append(delivery.text)
            await bench.neverEnd()
        }
        try await bench.run {
            try await bench.publish(numbers: 0..<16)
            await bench.pass(.seconds(1))
            try await bench.publish(numbers: 16..<20)
            await bench.pass(.seconds(1))
            #expect(runs.count == 20)
        }
    }

    /// Of what a read brings one batch may take more than lanes wait for.
    @Test(arguments: [1, 2, 4, 16], [0, 1, 8, 64])
    func aBatchBeginsAtOnceWhileALaneIsFree(concurrency: Int, prefetch: Int) async throws {
        let bench = try EngineBench(.test(concurrency: concurrency, prefetch: prefetch))
        let batches = Journal<(size: Int, at: Duration)>()
        bench.registry.handle("orders", group: "billing", batch: .upTo(8, within: .zero)) { batch in
            batches.append((batch.count, bench.elapsed))
            await bench.neverEnd()
        }
        try await bench.run {
            var published = 0
            for size in [20, 1, 9, 1, 40, 1, 1, 1, 100] where batches.count < concurrency {
                try await bench.publish(numbers: published..<published + size)
                published += size
                await bench.pass(.seconds(1))
                let handled = batches.all.reduce(0) { $0 + $1.size }
                #expect(handled == published || batches.count == concurrency)
            }
            #expect(batches.all.allSatisfy { $0.at.isWhole })
        }
    }

    /// The suspect keeps the next one away, and nothing else.
    @Test func whileASuspectIsHandledOthersBegin() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 4, prefetch: 0))
        let runs = Journal<UInt64>()
        bench.handle { delivery in
            runs.append(delivery.id.milliseconds)
            await bench.neverEnd()
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.deliver([.scripted(1, attempt: 3, token: 3, origin: .expired), .scripted(2), .scripted(3)])
            await bench.pass(.milliseconds(1))
            subscription.deliver([.scripted(4)])
            await bench.pass(.milliseconds(1))
            #expect(runs.all.sorted() == [1, 2, 3, 4])
            #expect(subscription.receiving.requests.last?.suspects == 0)
        }
    }
}

/// Keys that hold up what is behind them.
extension LivenessTests {
    private func publish(_ count: Int, key: String, to bench: EngineBench) async throws {
        let messages = (0..<count).map { Message(Payload("\(key)\($0)"), key: key) }
        for result in await bench.registry.publish(batch: messages, to: "orders") { _ = try result.get() }
    }

    @Test(arguments: [(16, 64), (2, 0), (2, 1), (16, 0)])
    func aKeyThatWaitsForItsRetryHoldsUpNoOther(concurrency: Int, prefetch: Int) async throws {
        let bench = try EngineBench(
            .test(delay: .seconds(6), concurrency: concurrency, prefetch: prefetch, ordering: .key))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, bench.elapsed))
            if delivery.text == "a0", delivery.attempt == 1 { throw Failure() }
        }
        try await bench.run {
            try await publish(100, key: "a", to: bench)
            await bench.pass(.seconds(1))
            for key in ["b", "c", "d"] { try await publish(10, key: key, to: bench) }
            await bench.pass(.seconds(20))
        }
        let others = runs.all.filter { $0.text.first != "a" }
        #expect(others.count == 30 && others.allSatisfy { $0.at == .seconds(1) })
        #expect(runs.all.filter { $0.text.first == "a" }.map(\.text) == ["a0"] + (0..<100).map { "a\($0)" })
    }

    /// As many keys wait for their retries as there is room.
    @Test func manyKeysThatWaitForTheirRetriesHoldUpNoOther() async throws {
        let bench = try EngineBench(.test(delay: .seconds(60), concurrency: 2, prefetch: 2, ordering: .key))
        let runs = Journal<Run>()
        bench.handle { delivery in
            runs.append((delivery.text, bench.elapsed))
            if delivery.text != "well0" { throw Failure() }
        }
        try await bench.run {
            for key in 0..<20 { try await publish(1, key: "k\(key).", to: bench) }
            await bench.pass(.seconds(1))
            try await publish(1, key: "well", to: bench)
            await bench.pass(.seconds(1))
        }
        #expect(runs.all.count == 21)
        #expect(runs.all.filter { $0.text == "well0" }.map(\.at) == [.seconds(1)])
    }

    @Test func whatWaitsBehindAKeyIsBounded() async throws {
        let bench = try EngineBench(.test(concurrency: 16, prefetch: 64, ordering: .key))
        bench.handle { _ in await bench.neverEnd() }
        try await bench.run {
            try await publish(3000, key: "a", to: bench)
            await bench.pass(.seconds(5))
            #expect(bench.events.received.count == 1080)
        }
    }

    @Test(arguments: [1, 16]) func aHotKeyCostsNoRoundTripForEachMessage(_ concurrency: Int) async throws {
        let bench = try EngineBench(.test(concurrency: concurrency, prefetch: 64, ordering: .key))
        bench.handle { _ in await bench.pass(.milliseconds(1)) }
        try await bench.run {
            try await publish(4000, key: "a", to: bench)
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 0)
        }
        let reads = bench.events.count { if case .received = $0 { true } else { false } }
        #expect(reads <= 4000 / 8, "\(reads) reads")
    }
}

extension EngineBench {
    /// Lets a handler run until the end of the test.
    fileprivate func neverEnd() async { await pass(.seconds(1_000_000)) }
}

extension Duration {
    /// Whether it is a number of seconds: when these tests publish.
    fileprivate var isWhole: Bool { components.attoseconds == 0 }
}
