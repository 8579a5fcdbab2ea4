// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Testing

@Suite struct FaultInjectionTests {
    private let scripted = ScriptedProvider()
    private let batch = PublishBatch([.init(stream: "orders", message: Message("a"))])

    private func error(_ provider: FaultInjectingProvider) async -> BrokerError? {
        guard case .failure(let error) = await provider.publish(batch)[0] else { return nil }
        return error
    }

    @Test func aRefusedCallHasNoEffect() async {
        let provider = FaultInjectingProvider(scripted)
        provider.faults.inject(.refuse, at: .publish)
        #expect(await error(provider)?.effect == .notApplied)
        #expect(scripted.publishing.requests.isEmpty)
        #expect(await error(provider) == nil)
        #expect(provider.faults.injected == [.refuse: 1])
    }

    @Test func aLostReplyHasAnEffect() async {
        let provider = FaultInjectingProvider(scripted)
        provider.faults.inject(.loseReply, at: .publish)
        let found = await error(provider)
        #expect(found?.effect == .unknown)
        #expect(found?.isRetryable == true)
        #expect(scripted.publishing.requests.count == 1)
    }

    @Test func aCutLastsUntilItIsRestored() async {
        let provider = FaultInjectingProvider(scripted)
        provider.faults.cut()
        for _ in 0..<3 { #expect(await error(provider)?.code == .connection) }
        provider.faults.restore()
        #expect(await error(provider) == nil)
        #expect(provider.faults.injected == [.cut: 3])
    }

    @Test func aCallUnderWayLosesItsReplyAtACut() async {
        let provider = FaultInjectingProvider(scripted)
        let gate = CallGate()
        scripted.publishing.next(.held(gate, then: .usual))
        async let result = error(provider)
        await scripted.publishing.called(times: 1)
        provider.faults.cut()
        provider.faults.restore()
        gate.open()
        #expect(await result?.effect == .unknown)
    }

    @Test func aHangingCallGoesOnWhenItIsReleased() async throws {
        let time = VirtualTime()
        let provider = FaultInjectingProvider(scripted)
        provider.faults.inject(.hang, at: .publish)
        let batch = batch
        let hung = try await time.run { () async throws -> Int in
            async let result = provider.publish(batch)
            await time.pass(.seconds(60))
            let hanging = provider.faults.hanging
            provider.faults.release()
            _ = try await result[0].get()
            return hanging
        }
        #expect(hung == 1)
    }

    @Test func chanceFollowsItsSeed() async {
        var patterns: [[Bool]] = []
        for seed in [1, 1, 2] as [UInt64] {
            let provider = FaultInjectingProvider(scripted)
            provider.faults.misbehave(rates: [.refuse: 0.5], seed: seed)
            var pattern: [Bool] = []
            for _ in 0..<64 { pattern.append(await error(provider) != nil) }
            patterns.append(pattern)
        }
        #expect(patterns[0] == patterns[1])
        #expect(patterns[0] != patterns[2])
        #expect(patterns[0].contains(true) && patterns[0].contains(false))
    }
}
