// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerMemory
import BrokerTestKit
import Testing

/// Somebody deletes the consumer on the server, and with it what it holds there.
@Suite(.timeLimit(.minutes(1))) struct TakenLeaseTests {
    @Test func whatIsInHandIsRunAndSettled() async throws {
        let bench = try EngineBench(.test(visibility: .seconds(6), concurrency: 2, prefetch: 8))
        let handled = Journal<Int>()
        bench.handle { delivery in
            await bench.pass(.seconds(4))
            handled.append(delivery.attempt)
        }
        try await bench.run {
            try await bench.publish(numbers: 0..<10)
            await bench.pass(.seconds(1))
            try await bench.deleteConsumers()
            #expect(try await bench.pending() == 0)
            await bench.pass(.milliseconds(2500))
            #expect(try await bench.pending() == 10, "leased again with the next heartbeat")
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 0)
        }
        #expect(handled.all == Array(repeating: 1, count: 10))
        #expect(bench.events.kinds == Array(repeating: .ack, count: 10))
    }

    @Test func aRetryThatIsAskedForBeforeThatIsNoticedIsMade() async throws {
        let bench = try EngineBench(.test(visibility: .seconds(30), concurrency: 2, prefetch: 8))
        let begins = Journal<Int>()
        bench.handle { delivery in
            begins.append(delivery.attempt)
            await bench.pass(.seconds(2))
            if delivery.attempt == 1 { throw Failure() }
        }
        try await bench.run {
            try await bench.publish(numbers: 0..<6)
            await bench.pass(.seconds(1))
            try await bench.deleteConsumers()
            await bench.pass(.seconds(60))
            #expect(try await bench.pending() == 0)
        }
        #expect(begins.all.sorted() == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2])
    }

    @Test func whatAFormerHolderHasAcknowledgedIsNotTakenAgain() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let begins = Journal<Int>()
        bench.handle { delivery in
            begins.append(delivery.attempt)
            await bench.pass(.seconds(2))
            throw Failure()
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.value([.settled]))
            subscription.settling.next(.value([.settled]))
            subscription.deliver([.scripted(1, attempt: 2, token: 2, origin: .expired)])
            await bench.pass(.seconds(60))
        }
        #expect(begins.all == [2])
        #expect(bench.events.kinds == [.retry])
    }

    // A stream that was made again gives the ids of the former one once more.
    @Test func anAckOfAnEarlierMessageDoesNotSettleANewOneOfTheSameID() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 8))
        let handled = Journal<UInt64>()
        bench.handle { delivery in
            await bench.pass(.seconds(5))
            handled.append(delivery.id.milliseconds)
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.deliver((1...3).map { .scripted($0) })
            await bench.pass(.seconds(1))
            subscription.deliver((1...5).map { .scripted($0) })
            await bench.pass(.seconds(5))
            #expect(subscription.settled.isEmpty, "the former ones have ended, and said nothing")
            await bench.pass(.seconds(60))
            #expect(subscription.settled.map(\.receipt.id.milliseconds).sorted() == [1, 2, 3, 4, 5])
        }
        #expect(handled.all.sorted() == [1, 1, 2, 2, 3, 3, 4, 5])
    }

    @Test func aDecisionOnItsWayIsVoidWhenItsIDNamesANewMessage() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 8))
        let handled = Journal<UInt64>()
        bench.handle { delivery in
            handled.append(delivery.id.milliseconds)
            await bench.pass(.milliseconds(10))
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
            subscription.deliver([.scripted(1)])
            await bench.pass(.milliseconds(30))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
        }
        #expect(handled.all == [1, 1])
        #expect(bench.events.kinds == [.ack])
    }
}

extension EngineBench {
    /// Deletes every consumer of `billing` on the server.
    fileprivate func deleteConsumers() async throws {
        let memory = try #require(provider as? MemoryProvider)
        let names = try await memory.consumers(of: "billing", on: .stream("orders"), activeWithin: .seconds(60))
        for name in names { try memory.deleteConsumer(name, of: "billing", in: "orders") }
    }
}
