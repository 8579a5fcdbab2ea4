// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Forwarding where something fails, and where it is not one step.
@Suite(.timeLimit(.minutes(1))) struct ForwardingTests {
    private let down = BrokerError(.connection, "down", isRetryable: true, effect: .unknown)

    private func makeBench(
        oneStep: Bool = true, limited: Bool = false
    ) throws -> (bench: EngineBench, provider: ScriptedProvider) {
        let time = VirtualTime()
        let all = BrokerCapabilities(rawValue: .max)
        let provider = ScriptedProvider(
            capabilities: oneStep ? all : all.subtracting(.atomicForward), clock: time.clock)
        let bench = try EngineBench(
            .test(), streams: [StreamConfiguration("next")], time: time,
            provider: limited ? LimitedForwarder(base: provider) : provider)
        return (bench, provider)
    }

    @Test func aForwardWhoseAnswerWasLostIsSentAgainAndTheHandlerIsNot() async throws {
        let (bench, provider) = try makeBench()
        let runs = Journal<UInt64>()
        bench.registry.connect("orders", group: "billing", to: "next") { delivery in
            runs.append(delivery.id.milliseconds)
            return Message("x")
        }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.settling.next(.failure(down), .failure(down), .value([.settled]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
            let sent = subscription.settled.compactMap { settlement -> [PublishBatch.Entry]? in
                if case .forward(let entries) = settlement.action { entries } else { nil }
            }
            #expect(sent.count == 3)
            #expect(sent.allSatisfy { $0.map(\.stream) == ["next"] && $0[0].message == sent[0][0].message })
            #expect(provider.publishing.requests.isEmpty)
        }
        #expect(runs.all == [1])
        #expect(bench.events.kinds == [.forward])
    }

    @Test func aRefusedForwardStaysInHandAndIsSentAgainAfterASecond() async throws {
        let (bench, provider) = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { _ in Message("x") }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.settling.next(.value([.refused(BrokerError(.unauthorized, "not there"))]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.milliseconds(900))
            #expect(subscription.settling.requests.count == 1)
            #expect(await bench.registry.health().map(\.isReady) == [false])
            await bench.pass(.milliseconds(200))
            #expect(subscription.settling.requests.count == 2)
            #expect(await bench.registry.health().map(\.isReady) == [true])
        }
        #expect(bench.events.refusals == 1)
    }

    @Test func whatAnotherConsumerHoldsIsNotForwarded() async throws {
        let (bench, provider) = try makeBench()
        bench.registry.connect("orders", group: "billing", to: "next") { _ in Message("x") }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.settling.next(.value([.lost]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(60))
            #expect(subscription.settling.requests.count == 1)
        }
        #expect(bench.events.settled.map(\.outcome) == [.lost])
    }

    @Test(arguments: [false, true]) func elsewhereTheOutputIsStoredBeforeTheAck(limited: Bool) async throws {
        let (bench, provider) = try makeBench(oneStep: limited, limited: limited)
        bench.registry.connect("orders", group: "billing", to: "next") { _ in Message("x") }
        let gate = CallGate()
        provider.publishing.next(.held(gate, then: .usual))
        try await bench.run {
            await bench.pass(.milliseconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(5))
            #expect(provider.publishing.requests.map { $0.entries.map(\.stream) } == [["next"]])
            #expect(subscription.settled.isEmpty, "nothing is acked before it is stored elsewhere")
            gate.open()
            await bench.pass(.seconds(1))
            guard case .ack = subscription.settled.first?.action else {
                Issue.record("settled \(subscription.settled)")
                return
            }
        }
        #expect(bench.events.kinds == [.forward], "observers see that it went on")
    }

    @Test func elsewhereAnOutputThatCannotBeStoredIsAFailure() async throws {
        let (bench, provider) = try makeBench(oneStep: false)
        bench.registry.connect("orders", group: "billing", to: "next") { _ in Message("x") }
        provider.publishing.next(.failure(down))
        try await bench.run {
            await bench.pass(.milliseconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(1))
            subscription.deliver([.scripted(1, attempt: 2, token: 2, origin: .retry)])
            await bench.pass(.seconds(1))
            #expect(provider.publishing.requests.count == 2)
        }
        #expect(bench.events.kinds == [.retry, .forward])
    }

    @Test func elsewhereNothingIsStoredForWhatIsSettledAlready() async throws {
        let (bench, provider) = try makeBench(oneStep: false)
        let codes = Journal<BrokerError.Code?>()
        bench.handle { delivery in
            try delivery.nack()
            let error = await #expect(throws: BrokerError.self) {
                try await delivery.forward(Message("x"), to: "next")
            }
            codes.append(error?.code)
        }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            try #require(provider.subscriptions.first).deliver([.scripted(1)])
            await bench.pass(.seconds(1))
            #expect(provider.publishing.requests.isEmpty)
        }
        #expect(codes.all == [.alreadySettled])
    }

    @Test func elsewhereNothingIsStoredForWhatAnotherConsumerHolds() async throws {
        let (bench, provider) = try makeBench(oneStep: false)
        let codes = Journal<BrokerError.Code?>()
        let gate = CallGate()
        bench.handle { delivery in
            await gate.wait()
            let error = await #expect(throws: BrokerError.self) {
                try await delivery.forward(Message("x"), to: "next")
            }
            codes.append(error?.code)
        }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.extending.next(.value([.lost]))
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(11))
            gate.open()
            await bench.pass(.seconds(1))
            #expect(provider.publishing.requests.isEmpty)
        }
        #expect(codes.all == [.leaseLost])
    }

    @Test(arguments: [false, true]) func whereNoStreamIsDeclaredNothingGoes(oneStep: Bool) async throws {
        let (bench, provider) = try makeBench(oneStep: oneStep)
        let errors = Journal<BrokerError?>()
        bench.handle { delivery in
            let error = await #expect(throws: BrokerError.self) {
                try await delivery.forward([.to("next", Message("x")), .to("nxt", Message("y"))])
            }
            errors.append(error)
        }
        try await bench.run {
            await bench.pass(.milliseconds(1))
            let subscription = try #require(provider.subscriptions.first)
            subscription.deliver([.scripted(1)])
            await bench.pass(.seconds(1))
            #expect(provider.publishing.requests.isEmpty)
        }
        #expect(errors.all.first??.code == .undeclaredStream)
        #expect(errors.all.first??.message.contains("did you mean 'next'?") == true)
        #expect(bench.events.kinds == [.ack], "the delivery was still to be decided")
    }

    @Test func anotherBrokerTakesTheOutputFirstAndALiveOneHearsOfIt() async throws {
        let memory = { (name: BrokerName) in BrokerConfiguration(name, provider: "memory") }
        let group = GroupConfiguration("crew", .test())
        let configuration = BrokersConfiguration(
            brokers: [memory("events"), memory("far"), memory("live")], defaultBroker: "events",
            streams: [
                StreamConfiguration("a", groups: [group]),
                StreamConfiguration("b", broker: "far", groups: [group]),
                StreamConfiguration("c", broker: "far", also: "live"),
            ])
        let register: (BrokerRegistry) -> Void = { registry in
            registry.connect("a", group: "crew", to: "b") { $0.message }
            registry.connect("b", group: "crew", to: "c") { $0.message }
        }
        try await withVirtualBroker(configuration, register: register) { broker in
            try await broker.publish(Message("x"), to: "a")
            await broker.advance(by: .seconds(1))
            for name: BrokerName in ["far", "live"] {
                let stored = try await broker.registry.broker(name)?.latest(10, of: "c") ?? []
                #expect(stored.map(\.message.payload) == ["x"], "on \(name)")
            }
            #expect(broker.decisions(in: "crew") == [.forward, .forward])
        }
    }
}

/// A provider whose streams cannot be forwarded to in one step.
private final class LimitedForwarder: ForwardLimiting {
    private let base: ScriptedProvider

    init(base: ScriptedProvider) { self.base = base }

    var capabilities: BrokerCapabilities { base.capabilities }

    func canForward(_ entries: [PublishBatch.Entry], from stream: StreamName) -> Bool { false }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func run() async throws { try await base.run() }

    func close() async { await base.close() }
}
