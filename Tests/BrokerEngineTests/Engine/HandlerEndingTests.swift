// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Every row of the table "How a handler may end", through the whole engine.
@Suite(.timeLimit(.minutes(1))) struct HandlerEndingTests {
    @Test func returningAcknowledges() async throws {
        let bench = try EngineBench(.test())
        bench.handle { _ in }
        try await bench.run {
            try await bench.publish("a", "b")
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 0)
        }
        #expect(bench.events.kinds == [.ack, .ack])
        #expect(bench.events.settled.allSatisfy { $0.outcome == .done && $0.attempt == 1 })
    }

    @Test func throwingRetriesAfterTheDelayAndThenDeadLetters() async throws {
        let bench = try EngineBench(.test(delay: .seconds(4)))
        let runs = Journal<(attempt: Int, isLast: Bool, at: Duration)>()
        bench.handle { delivery in
            runs.append((delivery.attempt, delivery.isLastAttempt, bench.elapsed))
            throw Failure("no \(delivery.attempt)")
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            let letters = try await bench.deadLetters()
            #expect(letters.map(\.payload) == ["a"])
            #expect(letters.first?.headers[ReservedHeaders.reason] == "attempts")
            #expect(letters.first?.headers[ReservedHeaders.error] == "no 3")
            #expect(letters.first?.headers[ReservedHeaders.attempts] == "3")
            #expect(try await bench.pending() == 0)
        }
        #expect(runs.all.map(\.attempt) == [1, 2, 3])
        #expect(runs.all.map(\.isLast) == [false, false, true])
        #expect(runs.all.map(\.at) == [.zero, .seconds(4), .seconds(8)])
        #expect(bench.events.kinds == [.retry, .retry, .deadLetter])
    }

    @Test func aRejectionIsADeadLetterAtOnce() async throws {
        let bench = try EngineBench(.test())
        bench.handle { _ in throw Reject("never") }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            let letter = try await bench.deadLetters().first
            #expect(letter?.headers[ReservedHeaders.reason] == "rejected")
            #expect(letter?.headers[ReservedHeaders.error] == "never")
        }
        #expect(bench.events.kinds == [.deadLetter])
    }

    @Test func nackRetriesAndThenDeadLettersWithItsReason() async throws {
        let bench = try EngineBench(.test())
        bench.handle { try $0.nack("busy") }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().first?.headers[ReservedHeaders.error] == "busy")
        }
        #expect(bench.events.kinds == [.retry, .retry, .deadLetter])
    }

    @Test func retryWaitsAsLongAsItAskedForAndCounts() async throws {
        let bench = try EngineBench(.test())
        let runs = Journal<Duration>()
        bench.handle { delivery in
            runs.append(bench.elapsed)
            try delivery.retry(after: .seconds(7))
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().count == 1)
        }
        #expect(runs.all == [.zero, .seconds(7), .seconds(14)])
    }

    @Test func aDeadLetterByChoiceIsOneAtOnce() async throws {
        let bench = try EngineBench(.test())
        bench.handle { try $0.deadLetter("unknown customer") }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().first?.headers[ReservedHeaders.error] == "unknown customer")
        }
        #expect(bench.events.kinds == [.deadLetter])
    }

    @Test func releaseDoesNotCountUntilItHasHappenedAHundredTimes() async throws {
        let bench = try EngineBench(.test(attempts: 2, delay: .seconds(9)))
        let runs = Journal<(attempt: Int, at: Duration)>()
        bench.handle { delivery in
            runs.append((delivery.attempt, bench.elapsed))
            try delivery.release()
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(300))
            #expect(try await bench.deadLetters().first?.headers[ReservedHeaders.error] == "released 100 times")
        }
        #expect(runs.all.map(\.attempt) == Array(repeating: 1, count: 101) + [2])
        #expect(runs.all.prefix(3).map(\.at) == [.zero, .seconds(1), .seconds(2)])
        #expect(bench.events.kinds.count { $0 == .release } == 100)
    }

    @Test func whatCannotBeDecodedIsADeadLetterWithItsBytes() async throws {
        let bench = try EngineBench(.test())
        let handled = Journal<String>()
        bench.registry.handle("orders", group: "billing", as: String.self) { text, _ in handled.append(text) }
        try await bench.run {
            try await bench.publish("a", "broken", "b")
            await bench.pass(.seconds(60))
            let letters = try await bench.deadLetters()
            #expect(letters.map(\.payload) == ["broken"])
            #expect(letters.first?.headers[ReservedHeaders.reason] == "undecodable")
        }
        #expect(handled.all.sorted() == ["a", "b"])
    }

    @Test func withoutDeadLettersTheLastFailureDiscards() async throws {
        let bench = try EngineBench(.test(attempts: 2, deadLetters: false))
        bench.handle { _ in throw Failure() }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
            #expect(try await bench.deadLetters().isEmpty)
            #expect(try await bench.pending() == 0)
        }
        #expect(bench.events.kinds == [.retry, .discard])
    }

    @Test func whatFailsAmongDeadLettersIsTriedForEver() async throws {
        let bench = try EngineBench(.test())
        bench.handle { _ in throw Reject("never") }
        let attempts = Journal<Int>()
        bench.registry.handle("{orders}:dead", group: "mending") { delivery in
            attempts.append(delivery.attempt)
            if delivery.attempt < 9 { throw delivery.attempt.isMultiple(of: 2) ? Reject("no") : Failure() as any Error }
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(3600))
        }
        #expect(attempts.all == Array(1...9))
    }

    @Test func aSecondSettleThrowsAndReachesNobody() async throws {
        let bench = try EngineBench(.test())
        let texts = Journal<String>()
        bench.handle { delivery in
            try delivery.ack()
            texts.append(text(of: { try delivery.ack() }))
            texts.append(text(of: { try delivery.release() }))
            texts.append(text(of: { try delivery.nack() }))
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
        }
        let wanted =
            "alreadySettled: an earlier call has settled this delivery, and that settlement holds; a handler calls one of "
            + "ack, nack, retry, release, deadLetter and forward at most: return after it"
        #expect(texts.all == [wanted, wanted, wanted])
        #expect(bench.events.kinds == [.ack])
    }

    @Test func aDeliveryThatIsKeptCannotDecideOnceItsHandlerHasEnded() async throws {
        let bench = try EngineBench(.test(concurrency: 1))
        let kept = Journal<Delivery>()
        bench.handle { kept.append($0) }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(5))
            try await bench.publish("b")
            await bench.pass(.seconds(5))
            let texts = kept.all.map { delivery in text(of: { try delivery.nack() }) }
            let wanted =
                "alreadySettled: the handler of this delivery has ended, which has settled it; call verbs before the "
                + "handler returns, and await in it what it has started"
            #expect(texts == [wanted, wanted])
        }
        #expect(bench.events.kinds == [.ack, .ack])
    }

    @Test(arguments: [Failure("late") as any Error, Reject("late")])
    func anErrorAfterSettlingIsAnEvent(_ error: any Error) async throws {
        let bench = try EngineBench(.test())
        bench.handle { delivery in
            try delivery.ack()
            throw error
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(60))
        }
        #expect(bench.events.kinds == [.ack])
        #expect(bench.events.failuresAfterSettling == 1)
    }

    @Test func settledWaitsForTheServer() async throws {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let bench = try EngineBench(.test(), time: time, provider: provider)
        let gate = CallGate()
        let results = Journal<SettledEvent.Outcome>()
        bench.handle { delivery in
            try delivery.ack()
            results.append(await delivery.settled)
        }
        try await bench.run {
            await bench.pass(.seconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.settling.next(.held(gate, then: .value([.settled])))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(1))
            #expect(results.all.isEmpty)
            gate.open()
            await bench.pass(.seconds(1))
            #expect(results.all == [.settled])
        }
    }
}
