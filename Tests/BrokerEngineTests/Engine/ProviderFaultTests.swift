// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// What the engine makes of a provider that fails or breaks its contract.
@Suite(.timeLimit(.minutes(1))) struct ProviderFaultTests {
    private let down = BrokerError(.connection, "down", isRetryable: true, effect: .unknown)

    /// A provider that answers too little must not end the process.
    @Test func aFlushThatIsAnsweredInPartIsAFailureAndIsRepeated() async throws {
        let (bench, subscription) = try EngineBench.scripted()
        bench.handle { _ in }
        try await bench.run {
            let subscription = try await subscription()
            subscription.settling.next(.value([]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(10))
            #expect(subscription.settling.requests.count == 2)
        }
        #expect(bench.events.settled.map(\.outcome) == [.done])
        #expect(bench.events.failures(of: .settle) == [1])
    }

    /// The leader of a shared write hands out the results of the others.
    @Test func aWriteThatIsAnsweredInPartFailsWhatHasNoAnswer() async throws {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let bench = try EngineBench(time: time, provider: provider)
        let gate = CallGate()
        let codes = Journal<BrokerError.Code?>()
        let id = MessageID(milliseconds: 7, sequence: 0)
        provider.publishing.next(.held(gate, then: .usual), .value([.success(PublishReceipt(id: id))]))
        try await time.run {
            await withDiscardingTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask {
                        do throws(BrokerError) {
                            try await bench.registry.publish(Message("a"), to: "orders")
                            codes.append(nil)
                        } catch { codes.append(error.code) }
                    }
                }
                await bench.pass(.seconds(1))
                gate.open()
            }
        }
        #expect(codes.all.count { $0 == nil } == 2)
        #expect(codes.all.count { $0 == .malformedReply } == 1)
    }

    @Test func failedHeartbeatsInARowAreCounted() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(visibility: .seconds(60)))
        bench.handle { _ in await bench.pass(.seconds(70)) }
        try await bench.run {
            let subscription = try await subscription()
            subscription.extending.next(.failure(down), .failure(down))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(27))
            let health = await bench.registry.health()
            #expect(health.first?.isReady == false)
            await bench.pass(.seconds(73))
        }
        #expect(bench.events.failures(of: .extend) == [1, 2])
        let recoveries = bench.events.count { if case .callRecovered(_, .extend) = $0 { true } else { false } }
        #expect(recoveries == 1)
        #expect(bench.events.kinds == [.ack])
    }

    @Test func failedHeartbeatsAreForgottenOnceNothingIsHeld() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(visibility: .seconds(60)))
        bench.handle { _ in await bench.pass(.seconds(30)) }
        try await bench.run {
            let subscription = try await subscription()
            subscription.extending.next(.failure(down), .failure(down), .failure(down))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(25))
            let failing = await bench.registry.health()
            #expect(failing.first?.isReady == false)
            await bench.pass(.seconds(25))
            let healthy = await bench.registry.health()
            #expect(healthy.first?.isReady == true)
        }
    }

    /// What such a read brings would else lie unextended until there is room again.
    @Test func aReadInFlightIsKeptOpenAfterAFailedReceive() async throws {
        let (bench, subscription) = try EngineBench.scripted(.test(concurrency: 1, prefetch: 3))
        bench.handle { _ in await bench.pass(.seconds(20)) }
        try await bench.run {
            let subscription = try await subscription()
            subscription.receiving.next(.failure(down))
            subscription.deliver(Received(messages: (1...3).map { .scripted($0) }, outstanding: 1))
            await bench.pass(.seconds(3))
            #expect(subscription.receiving.requests.map(\.limit) == [4, 0, 0])
        }
    }
}

extension EventRecorder {
    /// For every failure of a call, how many there had been in a row.
    fileprivate func failures(of call: ProviderCall) -> [Int] {
        all.compactMap { event -> Int? in
            if case .callFailed(_, call, _, let consecutive, _) = event { consecutive } else { nil }
        }
    }
}
