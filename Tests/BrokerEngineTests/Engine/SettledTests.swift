// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Whoever waits for a settlement is always told something.
@Suite(.timeLimit(.minutes(1))) struct SettledTests {
    /// Nothing is decided about such an entry, so that no flush ever tells what became of it.
    @Test(arguments: [(SettlementOutcome.missing, SettledEvent.Outcome.missing), (.settled, .settled)])
    func anEntryThatHasGoneMeanwhileIsTold(_ outcome: SettlementOutcome, _ expected: SettledEvent.Outcome) async throws
    {
        let (bench, subscription) = try EngineBench.scripted()
        let deliveries = Journal<Delivery>()
        let results = Journal<SettledEvent.Outcome>()
        bench.handle { delivery in
            deliveries.append(delivery)
            await bench.pass(.seconds(20))
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.extending.next(.value([outcome]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(1))
            await withTaskGroup { group in
                for delivery in deliveries.all { group.addTask { results.append(await delivery.settled) } }
                await bench.pass(.seconds(30))
                #expect(results.all == [expected])
                group.cancelAll()
            }
        }
    }

    /// The handler waits for the settlement, which waits for the provider; the drain must not wait for both.
    @Test func aHandlerThatAwaitsItsSettlementEndsWithTheDrain() async throws {
        let (bench, subscription) = try EngineBench.scripted(drain: .seconds(10))
        let results = Journal<SettledEvent.Outcome>()
        bench.handle { delivery in
            try delivery.ack()
            results.append(await delivery.settled)
        }
        await #expect(throws: BrokerError.self) {
            try await bench.run {
                let subscription = try await subscription()
                for _ in 0..<1000 {
                    subscription.settling.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
                }
                subscription.deliver([.scripted(1)])
                await bench.pass(.seconds(1))
            }
        }
        #expect(results.all == [.unknown])
        #expect(bench.elapsed < .seconds(30))
    }

    /// Found by simulation: with the order of a dictionary two runs of the same seed differed.
    @Test func thoseWhoStillWaitAtTheEndAreToldInTheOrderOfTheirMessages() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 8), drain: .seconds(10))
        let kept = Journal<Delivery>()
        let told = Journal<UInt64>()
        bench.handle { kept.append($0) }
        await #expect(throws: BrokerError.self) {
            try await bench.run {
                let subscription = try await subscription()
                for _ in 0..<1000 {
                    subscription.settling.next(.failure(BrokerError(.connection, "down", isRetryable: true)))
                }
                subscription.deliver((1...8).map { .scripted($0) })
                await bench.pass(.seconds(1))
                await withDiscardingTaskGroup { waiters in
                    for delivery in kept.all {
                        waiters.addTask {
                            _ = await delivery.settled
                            told.append(delivery.id.milliseconds)
                        }
                    }
                    await bench.pass(.seconds(1))
                    bench.registry.drain()
                }
            }
        }
        #expect(told.all == Array(1...8))
    }
}
