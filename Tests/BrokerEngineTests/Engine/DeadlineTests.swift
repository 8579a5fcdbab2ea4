// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
    @Test func aDeadlineCancelsOnlyItsOwnHandler() async throws {
        let bench = try EngineBench(.test(timeout: .seconds(10), concurrency: 4))
        let ends = Journal<(text: String, attempt: Int, isCancelled: Bool, at: Duration)>()
        bench.handle { delivery in
            let isSlow = delivery.text == "slow" && delivery.attempt == 1
            await bench.pass(.seconds(isSlow ? 100 : 9))
            ends.append((delivery.text, delivery.attempt, Task.isCancelled, bench.elapsed))
            try Task.checkCancellation()
        }
        try await bench.run {
            try await bench.publish("slow", "a")
            await bench.pass(.seconds(5))
            try await bench.publish("b", "c")
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 0)
        }
        let cancelled = ends.all.filter(\.isCancelled)
        #expect(cancelled.map(\.text) == ["slow"] && cancelled.map(\.at) == [.seconds(10)])
        #expect(ends.all.filter { $0.text == "slow" }.map(\.attempt) == [1, 2])
        #expect(bench.events.cancellations == [.deadline])
        #expect(bench.events.kinds.count { $0 == .ack } == 4)
    }

    @Test func aHandlerThatSucceedsAfterItsDeadlineAcknowledges() async throws {
        let bench = try EngineBench(.test(timeout: .seconds(1)))
        bench.handle { _ in await bench.passIgnoringCancellation(.seconds(3)) }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
        }
        #expect(bench.events.kinds == [.ack])
    }

    @Test func aDeadlineCountsAsAFailureUpToTheDeadLetter() async throws {
        let bench = try EngineBench(.test(timeout: .seconds(2), attempts: 2))
        bench.handle { _ in
            await bench.pass(.seconds(60))
            try Task.checkCancellation()
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            let letter = try await bench.deadLetters().first
            #expect(letter?.headers[ReservedHeaders.error] == "the handler took longer than its timeout")
        }
        #expect(bench.events.kinds == [.retry, .deadLetter])
    }

    @Test func aHandlerThatIgnoresItsCancellationIsWrittenOffAndItsLaneReplaced() async throws {
        let bench = try EngineBench(.test(timeout: .seconds(2), concurrency: 1))
        let begins = Journal<(text: String, attempt: Int, at: Duration)>()
        bench.handle { delivery in
            begins.append((delivery.text, delivery.attempt, bench.elapsed))
            guard delivery.text == "deaf", delivery.attempt == 1 else { return }
            await bench.passIgnoringCancellation(.seconds(40))
            throw Reject("a late end that must change nothing")
        }
        try await bench.run {
            try await bench.publish("deaf", "b")
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 0)
            #expect(try await bench.deadLetters().isEmpty)
        }
        #expect(begins.all.map(\.text) == ["deaf", "b", "deaf"])
        #expect(begins.all.map(\.attempt) == [1, 1, 2])
        #expect(begins.all.map(\.at) == [.zero, .seconds(7), .seconds(8)])
        #expect(bench.events.lanesPutAside == 1)
        #expect(bench.events.kinds.sorted { $0.rawValue < $1.rawValue } == [.ack, .ack, .retry])
        #expect(bench.events.failuresAfterSettling == 0)
    }

    /// Found by simulation: it was handed back for at once.
    @Test func aRetryInPlaceWaitsOnWhenItsLaneIsPutAside() async throws {
        let bench = try EngineBench(.test(timeout: .seconds(2), concurrency: 1, ordering: .key))
        let begins = Journal<(attempt: Int, at: Duration)>()
        bench.handle { delivery in
            begins.append((delivery.attempt, bench.elapsed))
            guard delivery.attempt == 1 else { return }
            try delivery.retry(after: .seconds(30))
            await bench.passIgnoringCancellation(.seconds(20))
        }
        try await bench.run {
            try await bench.publish("a", key: "k")
            await bench.pass(.seconds(60))
        }
        #expect(bench.events.lanesPutAside == 1)
        #expect(begins.all.map(\.attempt) == [1, 2])
        #expect(begins.all.map(\.at) == [.zero, .seconds(30)])
    }

    @Test func theVerbOfAWrittenOffHandlerIsTooLate() async throws {
        let bench = try EngineBench(.test(timeout: .seconds(2), concurrency: 1))
        let codes = Journal<BrokerError.Code?>()
        bench.handle { delivery in
            guard delivery.attempt == 1 else { return }
            await bench.passIgnoringCancellation(.seconds(20))
            codes.append(code(of: { try delivery.ack() }))
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
        }
        #expect(codes.all == [.alreadySettled])
        #expect(bench.events.kinds == [.retry, .ack])
    }
}
