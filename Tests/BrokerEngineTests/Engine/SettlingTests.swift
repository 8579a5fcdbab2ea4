// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct SettlingTests {
    private let down = BrokerError(.connection, "down", isRetryable: true, effect: .unknown)

    @Test func aFailedFlushIsRepeatedAndTheHandlerIsNot() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let runs = Journal<UInt64>()
        bench.handle { runs.append($0.id.milliseconds) }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.failure(down), .failure(down), .failure(down), .value([.settled]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
            #expect(subscription.settled.map(\.receipt.token) == [1, 1, 1, 1])
        }
        #expect(runs.all == [1])
        #expect(bench.events.settled.map(\.outcome) == [.settled])
        let recoveries = bench.events.count { if case .callRecovered(_, .settle) = $0 { true } else { false } }
        #expect(recoveries == 1)
    }

    @Test func whatIsDecidedWhileAFlushIsUnderWayGoesTogether() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let gate = CallGate()
        bench.handle { delivery in if delivery.id.milliseconds > 1 { await bench.pass(.seconds(1)) } }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.held(gate, then: .usual))
            subscription.deliver((1...9).map { .scripted($0) })
            await bench.pass(.seconds(2))
            #expect(subscription.settling.requests.map(\.count) == [1])
            gate.open()
            await bench.pass(.seconds(1))
            #expect(subscription.settling.requests.map(\.count) == [1, 8])
        }
    }

    @Test func aRefusedSettlementIsSentAgainEverLaterUnderItsLease() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let runs = Journal<UInt64>()
        bench.handle { delivery in
            runs.append(delivery.id.milliseconds)
            throw Reject("no")
        }
        try await bench.run {
            let subscription = try await subscription()
            let refusal = SettlementOutcome.refused(BrokerError(.unauthorized, "no dead letters for you"))
            for _ in 0..<8 { subscription.settling.next(.value([refusal])) }
            subscription.deliver([.scripted(1)])
            await bench.pass(.milliseconds(100))
            for (number, pause) in [1, 2, 4, 8, 16, 32, 60, 60].enumerated() {
                await bench.pass(.milliseconds(pause * 1000 - 200))
                #expect(subscription.settling.requests.count == number + 1)
                await bench.pass(.milliseconds(200))
                #expect(subscription.settling.requests.count == number + 2)
            }
            #expect(subscription.extending.requests.count > 15)
        }
        #expect(runs.all == [1])
        #expect(bench.events.refusals == 3, "the first, then one a minute")
    }

    @Test func aTakeoverWhileASettlementIsUnderWaySettlesTheNewerLease() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let gate = CallGate()
        let results = Journal<SettledEvent.Outcome>()
        bench.handle { delivery in
            try delivery.nack()
            results.append(await delivery.settled)
        }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.held(gate, then: .value([.lost])))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(1))
            subscription.deliver([.scripted(1, attempt: 2, token: 2, origin: .expired)])
            await bench.pass(.seconds(1))
            gate.open()
            await bench.pass(.seconds(1))
            #expect(subscription.settled.map(\.receipt.token) == [1, 2])
        }
        #expect(results.all == [.done], "whoever waits is told the end of it")
    }

    @Test func aFailedReceiveIsRepeatedWithGrowingPauses() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        let runs = Journal<Duration>()
        bench.handle { _ in runs.append(bench.elapsed) }
        try await bench.run {
            let subscription = try await subscription()
            for _ in 0..<5 { subscription.receiving.next(.failure(down)) }
            await bench.pass(.seconds(6))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(10))
            #expect(await bench.registry.health().map(\.status) == [.healthy])
        }
        #expect(runs.count == 1)
        let pauses = bench.events.count { if case .callFailed(_, .receive, _, _, _) = $0 { true } else { false } }
        #expect(pauses == 5)
    }
}
