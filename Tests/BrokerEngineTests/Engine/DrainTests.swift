// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct DrainTests {
    /// Found by simulation: when the settlements were given up nobody kept leases any more, and another consumer began
    /// what the handler still had.
    @Test func aHandlerThatOutlivesTheSettlementsKeepsItsLease() async throws {
        let (bench, subscription) = try EngineBench.scripted(
            .test(visibility: .seconds(3), concurrency: 2), drain: .seconds(6))
        bench.handle { delivery in
            if delivery.id.milliseconds == 1 { await bench.passIgnoringCancellation(.seconds(20)) }
        }
        let beats = Journal<Int>()
        await #expect(throws: BrokerError.self) {
            try await bench.run {
                let subscription = try await subscription()
                for _ in 0..<1000 {
                    subscription.settling.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
                }
                subscription.deliver([.scripted(1), .scripted(2)])
                await bench.pass(.seconds(1))
                bench.registry.drain()
                await bench.pass(.seconds(7))
                beats.append(subscription.extending.requests.count)
                await bench.pass(.seconds(10))
                beats.append(subscription.extending.requests.count)
            }
        }
        #expect(bench.events.abandoned == 1)
        #expect(beats.all[1] - beats.all[0] >= 9)
        #expect(bench.elapsed < .seconds(21), "and nobody waits when it has ended")
    }

    /// Found by simulation: it was handed back for at once.
    @Test func aRetryInPlaceIsHandedBackWithWhatIsLeftOfItsDelay() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(delay: .seconds(9), ordering: .stream))
        bench.handle { _ in throw Failure() }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.value([.renewed(InboundMessage.scripted(1).receipt.renewed)]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(4))
        }
        let last = (bench.provider as? ScriptedProvider)?.subscriptions.first?.settled.last
        guard case .release(after: .seconds(5))? = last?.action else {
            Issue.record("\(String(describing: last))")
            return
        }
    }

    /// What a cancelled call answers says nothing: the server may still be away.
    @Test func aReceiveThatIsCancelledIsNoSignThatTheServerIsBack() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test())
        bench.handle { _ in }
        try await bench.run {
            let subscription = try await subscription()
            subscription.receiving.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(1))
            bench.registry.drain()
        }
        let calls = bench.events.all.compactMap { event -> String? in
            switch event {
            case .callFailed(_, let call, _, _, _): "failed \(call)"
            case .callRecovered(_, let call): "recovered \(call)"
            default: nil
            }
        }
        #expect(calls == ["failed receive"])
    }

    /// Found by simulation: with the order of a dictionary two runs of the same seed differed.
    @Test func consumersAreDrainedInTheOrderOfTheirHandlers() async throws {
        let names: [GroupName] = ["g", "c", "a", "e", "b", "f", "d", "h"]
        let stream = StreamConfiguration("searches", groups: names.map { GroupConfiguration($0) })
        let bench = try EngineBench(streams: [stream])
        for name in names { bench.registry.handle("searches", group: name) { _ in } }
        try await bench.run { await bench.pass(.seconds(1)) }
        let left = bench.events.all.compactMap { event -> GroupName? in
            if case .unsubscribed(let consumer) = event { consumer.group } else { nil }
        }
        #expect(left == names)
    }

    @Test func runningHandlersFinishAndNothingElseIsBegun() async throws {
        let bench = try EngineBench(.test(concurrency: 2, prefetch: 10))
        let ends = Journal<String>()
        let begins = Journal<Duration>()
        bench.handle { delivery in
            begins.append(bench.elapsed)
            await bench.pass(.seconds(20))
            ends.append(delivery.text)
        }
        try await bench.run {
            try await bench.publish(numbers: 0..<8)
            await bench.pass(.seconds(5))
        }
        #expect(begins.all == [.zero, .zero])
        #expect(ends.all == ["0", "1"])
        #expect(bench.elapsed == .seconds(20))
        #expect(bench.events.kinds == Array(repeating: .release, count: 6) + [.ack, .ack])
    }

    @Test func whatIsHandedBackHasItsAttemptRefundedAndIsDueAtOnce() async throws {
        let bench = try EngineBench(.test(concurrency: 1, prefetch: 10))
        let seen = Journal<(text: String, attempt: Int)>()
        let handler = bench.handle { _ in await bench.pass(.seconds(10)) }
        try await bench.run {
            try await bench.publish("a", "b", "c")
            await bench.pass(.seconds(1))
            await bench.registry.remove(handler)
            bench.handle { seen.append(($0.text, $0.attempt)) }
            await bench.pass(.seconds(1))
        }
        #expect(seen.all.map(\.text) == ["b", "c"])
        #expect(seen.all.map(\.attempt) == [1, 1])
    }

    @Test func handlersAreCancelledFiveSecondsBeforeTheEndAndReleased() async throws {
        let bench = try EngineBench(.test(), drain: .seconds(30))
        let ends = Journal<Duration>()
        bench.handle { _ in
            await bench.pass(.seconds(500))
            ends.append(bench.elapsed)
            try Task.checkCancellation()
        }
        try await bench.run {
            try await bench.publish("a")
            await bench.pass(.seconds(10))
        }
        #expect(ends.all == [.seconds(35)])
        #expect(bench.events.cancellations == [.shutdown])
        #expect(bench.events.kinds == [.release])
    }

    @Test func whatWaitsInItsLaneIsHandedBack() async throws {
        let bench = try EngineBench(.test(delay: .seconds(60), ordering: .key))
        bench.handle { _ in throw Failure() }
        try await bench.run {
            try await bench.publish("a", "b", key: "k")
            await bench.pass(.seconds(10))
        }
        #expect(bench.events.kinds == [.retry, .release, .release])
        #expect(bench.elapsed == .seconds(10))
    }

    @Test func aHandlerThatIgnoresItsCancellationKeepsItsLease() async throws {
        let bench = try EngineBench(.test(), drain: .seconds(10))
        bench.handle { _ in await bench.passIgnoringCancellation(.seconds(60)) }
        await #expect(throws: BrokerError.self) {
            try await bench.run {
                try await bench.publish("a")
                await bench.pass(.seconds(1))
            }
        }
        #expect(bench.events.lanesPutAside == 1)
        #expect(bench.events.kinds == [.ack], "it returned in the end, and success is success")
        #expect(bench.events.leasesLost == 0)
    }

    @Test func abandonedSettlementsMakeTheRunThrow() async throws {
        let (bench, subscription) = try EngineBench.scripted(drain: .seconds(10))
        bench.handle { _ in }
        await #expect(throws: BrokerError.self) {
            try await bench.run {
                let subscription = try await subscription()
                for _ in 0..<1000 {
                    subscription.settling.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
                }
                subscription.deliver([.scripted(1), .scripted(2)])
                await bench.pass(.seconds(60))
            }
        }
        #expect(bench.events.abandoned == 1)
        #expect(bench.elapsed < .seconds(90))
    }

    /// After a minute of failures a flush pauses for up to ten seconds.
    @Test func theEndOfADrainDoesNotWaitForThePauseOfAFailedFlush() async throws {
        let (bench, subscription) = try EngineBench.scripted(drain: .seconds(2))
        let drained = Journal<Duration>()
        bench.handle { _ in }
        await #expect(throws: BrokerError.self) {
            try await bench.run {
                let subscription = try await subscription()
                for _ in 0..<1000 {
                    subscription.settling.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
                }
                subscription.deliver([.scripted(1)])
                while subscription.settling.requests.count < 12 { await bench.pass(.milliseconds(10)) }
                drained.append(bench.elapsed)
            }
        }
        #expect(drained.all.map { bench.elapsed - $0 } == [.seconds(2)])
    }

    @Test func aRefusedSettlementIsTriedOnceMoreAndThenAbandoned() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        bench.handle { _ in }
        await #expect(throws: BrokerError.self) {
            try await bench.run {
                let subscription = try await subscription()
                for _ in 0..<9 { subscription.settling.next(.value([.refused(BrokerError(.unauthorized, "no"))])) }
                subscription.deliver([.scripted(1)])
                await bench.pass(.seconds(10))
            }
        }
        #expect(bench.events.refusals == 1)
        #expect(bench.events.abandoned == 1)
        #expect(bench.elapsed < .seconds(11))
    }

    @Test func aCancelledRunEndsAtOnceAndHandsBackWhatItHolds() async throws {
        let bench = try EngineBench(.test(concurrency: 1, prefetch: 5))
        bench.handle { _ in
            await bench.pass(.seconds(100))
            try Task.checkCancellation()
        }
        try await bench.time.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bench.registry.run() }
                try await bench.publish("a", "b", "c")
                await bench.pass(.seconds(1))
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(bench.elapsed == .seconds(1))
        #expect(bench.events.kinds == [.release, .release, .release])
    }

    @Test func aProviderWhoseRunFailsDrainsAndThrows() async throws {
        let time = VirtualTime()
        let provider = FailingProvider(clock: time.clock, after: .seconds(5))
        let bench = try EngineBench(.test(concurrency: 1), time: time, provider: provider)
        let ends = Journal<Duration>()
        bench.handle { _ in
            await bench.pass(.seconds(10))
            ends.append(bench.elapsed)
        }
        await #expect(throws: Failure.self) {
            try await bench.run {
                try await bench.publish("a", "b")
                await bench.pass(.seconds(60))
            }
        }
        #expect(ends.all == [.seconds(10)])
        #expect(bench.events.kinds == [.release, .ack])
    }
}
