// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct LeaseTests {
    @Test func aLostLeaseCancelsItsHandlerAndNoOther() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let ends = Journal<(id: UInt64, isCancelled: Bool)>()
        bench.handle { delivery in
            await bench.pass(.seconds(15))
            ends.append((delivery.id.milliseconds, Task.isCancelled))
            try Task.checkCancellation()
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.extending.next(.value([.lost, .done]))
            subscription.deliver([.scripted(1), .scripted(2)])
            await bench.pass(.seconds(60))
            #expect(subscription.settled.map(\.receipt.id.milliseconds) == [2])
        }
        #expect(ends.all.map(\.id) == [1, 2])
        #expect(ends.all.map(\.isCancelled) == [true, false])
        #expect(bench.events.cancellations == [.leaseLost])
        #expect(bench.events.leasesLost == 1)
    }

    /// Each call takes a sixth of the visibility to fail.
    @Test func aFailedHeartbeatIsRepeatedBeforeTheLeaseEnds() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(visibility: .seconds(6)))
        bench.handle { _ in await bench.pass(.seconds(20)) }
        let begins = Journal<Duration>()
        try await bench.run {
            let subscription = try await subscription()
            let gates = [CallGate(), CallGate()]
            let down = BrokerError(.timeout, "silent", isRetryable: true, effect: .unknown)
            for gate in gates { subscription.extending.next(.held(gate, then: .failure(down))) }
            subscription.deliver([.scripted(1)])
            for (number, gate) in gates.enumerated() {
                await subscription.extending.called(times: number + 1)
                begins.append(bench.elapsed)
                await bench.pass(.seconds(1))
                gate.open()
            }
            await subscription.extending.called(times: 3)
            begins.append(bench.elapsed)
            await bench.pass(.seconds(20))
        }
        let pauses = zip(begins.all, begins.all.dropFirst()).map { $1 - $0 }
        #expect(pauses == [.milliseconds(1500), .milliseconds(1500)])
        #expect(bench.events.leasesLost == 0)
    }

    @Test func aMissingEntryLetsItsHandlerFinish() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let ends = Journal<Bool>()
        bench.handle { _ in
            await bench.pass(.seconds(15))
            ends.append(Task.isCancelled)
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.extending.next(.value([.missing]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
            #expect(subscription.settled.isEmpty)
        }
        #expect(ends.all == [false])
        #expect(bench.events.cancellations.isEmpty)
    }

    @Test func aLateSuccessAfterALostLeaseIsAcknowledged() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        bench.handle { _ in await bench.passIgnoringCancellation(.seconds(12)) }
        try await bench.run {
            let subscription = try await subscription()
            subscription.extending.next(.value([.lost]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
        }
        #expect(bench.events.kinds == [.ack])
        #expect(bench.events.leasesLost == 1)
    }

    // The answer to the handler's own retry was "lost"; that it then returned is no success.
    @Test func aReturnAfterALostRetryIsNotAcknowledged() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        bench.handle { delivery in
            try delivery.retry(after: .seconds(1))
            await bench.pass(.seconds(2))
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.value([.lost]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
        }
        #expect(bench.events.kinds == [.retry])
    }

    @Test func aLeaseThatCannotBeExtendedInTimeIsLost() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let ends = Journal<Duration>()
        bench.handle { _ in
            await bench.pass(.seconds(100))
            ends.append(bench.elapsed)
            try Task.checkCancellation()
        }
        try await bench.run {
            let subscription = try await subscription()
            for _ in 0..<20 {
                subscription.extending.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
            }
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(120))
        }
        #expect(ends.all.map { $0.components.seconds } == [30])
        #expect(bench.events.leasesLost == 1)
    }

    @Test func aHandlerThatExtendsALostLeaseIsToldAndCancelled() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let seen = Journal<(code: BrokerError.Code?, isCancelled: Bool)>()
        bench.handle { delivery in
            var code: BrokerError.Code?
            do throws(BrokerError) { try await delivery.extend() } catch { code = error.code }
            await bench.pass(.seconds(3))
            seen.append((code, Task.isCancelled))
            try Task.checkCancellation()
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.extending.next(.value([.lost]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
        }
        #expect(seen.all.map(\.code) == [.leaseLost])
        #expect(seen.all.map(\.isCancelled) == [true])
    }

    @Test func heartbeatsExtendWhatRunsAndWhatIsBuffered() async throws {
        let bench = try EngineBench(.test(visibility: .seconds(30), concurrency: 1, prefetch: 50))
        let attempts = Journal<Int>()
        bench.handle { delivery in
            await bench.pass(.seconds(6))
            attempts.append(delivery.attempt)
        }
        try await bench.run {
            try await bench.publish(numbers: 0..<51)
            await bench.pass(.seconds(6 * 51 + 1))
        }
        #expect(attempts.all == Array(repeating: 1, count: 51))
        #expect(bench.events.received.allSatisfy { $0.attempt == 1 })
        #expect(bench.events.kinds == Array(repeating: .ack, count: 51))
    }

    @Test func quickMessagesDoNotWaitForASlowOneAtTheHead() async throws {
        let bench = try EngineBench(.test(concurrency: 16))
        let quick = Journal<Duration>()
        bench.handle { delivery in
            if delivery.text == "0" { await bench.pass(.seconds(60)) } else { quick.append(bench.elapsed) }
        }
        try await bench.run {
            try await bench.publish(numbers: 0..<1001)
            await bench.pass(.seconds(1))
            #expect(quick.count == 1000)
            #expect(try await bench.pending() == 1)
            await bench.pass(.seconds(60))
        }
        #expect(quick.all.allSatisfy { $0 < .seconds(1) })
        #expect(bench.events.received.allSatisfy { $0.attempt == 1 })
    }

    @Test func whatIsInHandIsNotStartedTwice() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let begins = Journal<Int>()
        bench.handle { delivery in
            begins.append(delivery.attempt)
            await bench.pass(.seconds(5))
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.deliver([.scripted(1), .scripted(2)])
            await bench.pass(.seconds(1))
            subscription.deliver([.scripted(1, attempt: 2, token: 2, origin: .expired)])
            await bench.pass(.seconds(60))
            #expect(
                subscription.settled.map(\.receipt.token).sorted() == [1, 2],
                "the newer receipt is the one that is settled")
        }
        #expect(begins.all == [1, 1])
    }

    // The handler asked for a retry and went on; the entry is leased again meanwhile.
    @Test func whatComesAgainWhileItsDeliveryStillRunsWaitsForItsEnd() async throws {
        let bench = try EngineBench(.test(visibility: .seconds(30), concurrency: 4))
        let begins = Journal<(attempt: Int, at: Duration)>()
        bench.handle { delivery in
            begins.append((delivery.attempt, bench.elapsed))
            guard delivery.attempt == 1 else { return }
            try delivery.retry(after: .seconds(1))
            await bench.pass(.seconds(200))
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(300))
        }
        #expect(begins.all.map(\.attempt) == [1, 2])
        #expect(begins.all.map(\.at) == [.zero, .seconds(200)])
    }
}
