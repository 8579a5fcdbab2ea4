// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import ServiceLifecycle
import Testing

@Suite struct ScriptedProviderTests {
    private let request = SubscriptionRequest(.stream("orders"), group: "billing", consumer: "one")

    @Test func publishesWithRisingIDsUnlessToldOtherwise() async throws {
        let provider = ScriptedProvider()
        let error = BrokerError(.connection, "down", isRetryable: true)
        provider.publishing.next(.usual, .failure(error))
        let batch = PublishBatch([
            .init(stream: "orders", message: Message("a")), .init(stream: "orders", message: Message("b")),
        ])
        let stored = try await provider.publish(batch).map { try $0.get().id }
        #expect(stored == stored.sorted() && Set(stored).count == 2)
        let failed = await provider.publish(batch)
        #expect(failed.count == 2)
        #expect(throws: BrokerError.self) { try failed[1].get() }
        #expect(provider.publishing.requests.count == 2)
    }

    @Test func handsOutWhatWasDelivered() async throws {
        let provider = ScriptedProvider()
        let subscription = try await provider.subscribe(request)
        let script = try #require(provider.subscriptions.first)
        script.deliver([.scripted(1), .scripted(2)])
        script.deliver([.scripted(3)])
        let first = try await subscription.receive(ReceiveRequest(limit: 10, wait: .seconds(1)))
        let second = try await subscription.receive(ReceiveRequest(limit: 10, wait: .seconds(1)))
        #expect(first.messages.map(\.receipt.id.milliseconds) == [1, 2])
        #expect(second.messages.map(\.receipt.id.milliseconds) == [3])
        #expect(script.receiving.requests.map(\.limit) == [10, 10])
    }

    @Test func aReceiveWithoutMessagesWaitsOnTheClock() async throws {
        let time = VirtualTime()
        let provider = ScriptedProvider(clock: time.clock)
        let request = request
        let start = time.clock.now
        let received = try await time.run {
            try await provider.subscribe(request).receive(ReceiveRequest(limit: 1, wait: .seconds(7)))
        }
        #expect(received.messages.isEmpty)
        #expect(time.clock.now - start == .seconds(7))
    }

    @Test func aHeldCallGoesOnWhenItsGateOpens() async throws {
        let provider = ScriptedProvider()
        let subscription = try await provider.subscribe(request)
        let script = try #require(provider.subscriptions.first)
        let gate = CallGate()
        script.settling.next(.held(gate, then: .value([.lost])))
        async let outcomes = subscription.settle([Settlement(InboundMessage.scripted(1).receipt, .ack)])
        await script.settling.called(times: 1)
        gate.open()
        let kinds = try await outcomes
        guard case .lost = try #require(kinds.first) else {
            Issue.record("the laid down outcome is answered")
            return
        }
    }

    @Test func settlementsAreRecordedInOrder() async throws {
        let provider = ScriptedProvider()
        let subscription = try await provider.subscribe(request)
        _ = try await subscription.settle([Settlement(InboundMessage.scripted(1).receipt, .ack)])
        _ = try await subscription.settle([Settlement(InboundMessage.scripted(2).receipt, .retry(after: .seconds(1)))])
        _ = try await subscription.extend([InboundMessage.scripted(3).receipt])
        let script = try #require(provider.subscriptions.first)
        #expect(script.settling.requests.flatMap { $0 }.map(\.receipt.id.milliseconds) == [1, 2])
        #expect(script.extending.requests.flatMap { $0 }.map(\.id.milliseconds) == [3])
    }

    @Test func closingEndsRun() async throws {
        let provider = ScriptedProvider()
        async let running: Void = provider.run()
        await provider.close()
        try await running
    }
}
