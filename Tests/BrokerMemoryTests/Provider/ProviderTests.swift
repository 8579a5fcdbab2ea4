// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct ProviderTests {
    private let clock = ManualClock()
    private let provider: MemoryProvider

    init() {
        provider = MemoryProvider(clock: clock)
    }

    private func publish(_ bodies: String...) async {
        _ = await provider.publish(PublishBatch(bodies.map { .init(stream: "orders", message: Message(Payload($0))) }))
    }

    private func join(_ consumer: ConsumerName) async throws -> any BrokerSubscription {
        try await provider.subscribe(SubscriptionRequest(.stream("orders"), group: "billing", consumer: consumer))
    }

    private let patient = ReceiveRequest(limit: 10, wait: .seconds(20))

    @Test func aWaitingReceiveReturnsWhatIsPublished() async throws {
        let one = try await join("one")
        async let received = one.receive(patient)
        await clock.waitForWakes(1)
        await publish("a", "b")
        #expect(try await received.bodies == ["a", "b"])
    }

    @Test func aReceiveReturnsEmptyWhenItsWaitIsOver() async throws {
        let one = try await join("one")
        async let received = one.receive(patient)
        await clock.waitForWakes(1)
        clock.advance(by: .seconds(20))
        #expect(try await received.bodies.isEmpty)
        #expect(try await one.receive(ReceiveRequest(limit: 10, wait: .zero)).bodies.isEmpty)
        #expect(try await one.receive(ReceiveRequest(limit: 0, wait: .seconds(9))).bodies.isEmpty)
    }

    @Test func aRetryIsReceivedWhenItIsDue() async throws {
        let one = try await join("one")
        await publish("a")
        let held = try await one.receive(patient).messages
        _ = try await one.settle([Settlement(held[0].receipt, .retry(after: .seconds(5)))])
        async let again = one.receive(patient)
        await clock.waitForWakes(1)
        clock.advance(by: .seconds(5))
        #expect(try await again.messages.map(\.attempt) == [2])
    }

    @Test func whatADroppedConsumerHeldIsReceivedWhenItsLeaseEnds() async throws {
        let (one, two) = (try await join("one"), try await join("two"))
        await publish("a")
        _ = try await one.receive(patient)
        async let taken = two.receive(ReceiveRequest(limit: 10, wait: .seconds(60)))
        await clock.waitForWakes(1)
        clock.advance(by: .seconds(30))
        #expect(try await taken.messages.map(\.origin) == [.expired])
    }

    @Test func aCancelledReceiveReturnsAndLeavesTheMessageToOthers() async throws {
        let (one, two) = (try await join("one"), try await join("two"))
        let request = patient
        await withTaskGroup(of: [String].self) { group in
            group.addTask { (try? await one.receive(request).bodies) ?? ["failed"] }
            await clock.waitForWakes(1)
            group.cancelAll()
            #expect(await group.next() == [])
        }
        await publish("a")
        #expect(try await two.receive(request).bodies == ["a"])
    }

    @Test func manyWaitersGetEveryMessageOnce() async throws {
        let subscriptions = try await withThrowingTaskGroup(of: (any BrokerSubscription).self) { group in
            for number in 0..<8 { group.addTask { try await join(ConsumerName("c\(number)")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let bodies = try await withThrowingTaskGroup(of: [String].self) { group in
            for subscription in subscriptions {
                group.addTask {
                    var bodies: [String] = []
                    while bodies.count < 25 {
                        bodies += try await subscription.receive(ReceiveRequest(limit: 1, wait: .seconds(9))).bodies
                    }
                    return bodies
                }
            }
            for number in 0..<200 { await publish("\(number)") }
            return try await group.reduce(into: [], +=)
        }
        #expect(Set(bodies) == Set((0..<200).map { "\($0)" }))
        #expect(bodies.count == 200)
    }

    @Test func closingEndsWhatWaitsAndRefusesWhatComesLater() async throws {
        let one = try await join("one")
        async let running: Void = provider.run()
        async let received = one.receive(patient)
        async let tail = provider.tail("orders", after: .zero, limit: 1, wait: .seconds(20))
        await clock.waitForWakes(2)
        await provider.close()
        await provider.close()
        #expect(try await received.bodies.isEmpty)
        #expect(try await tail.isEmpty)
        try await running
        await #expect(throws: BrokerError.self) { try await one.receive(patient) }
        await #expect(throws: BrokerError.self) { try await join("two") }
        let results = await provider.publish(PublishBatch([.init(stream: "orders", message: Message("x"))]))
        #expect(results.count == 1)
        #expect(throws: BrokerError.self) { try results[0].get() }
        #expect(await provider.health().isReady == false)
        await one.close()
    }

    @Test func aClosedSubscriptionKeepsItsLeasesAndRefusesMore() async throws {
        let (one, two) = (try await join("one"), try await join("two"))
        await publish("a")
        _ = try await one.receive(patient)
        await one.close()
        await one.close()
        await #expect(throws: BrokerError.self) { try await one.receive(patient) }
        #expect(try await two.receive(ReceiveRequest(limit: 1, wait: .zero)).bodies.isEmpty)
        clock.advance(by: .seconds(30))
        #expect(try await two.receive(ReceiveRequest(limit: 1, wait: .zero)).bodies == ["a"])
    }

    @Test func closingASubscriptionEndsItsWait() async throws {
        let one = try await join("one")
        async let received = one.receive(patient)
        await clock.waitForWakes(1)
        await one.close()
        #expect(try await received.bodies.isEmpty)
    }

    @Test func aTailFollowsAStreamThatDoesNotExistYet() async throws {
        async let tail = provider.tail("orders", after: .zero, limit: 5, wait: .seconds(20))
        await clock.waitForWakes(1)
        await publish("a")
        let first = try await tail
        #expect(first.map(\.message.payload.string) == ["a"])
        async let nothing = provider.tail("orders", after: first[0].id, limit: 5, wait: .seconds(20))
        await clock.waitForWakes(1)
        clock.advance(by: .seconds(20))
        #expect(try await nothing.isEmpty)
    }

    @Test func runReturnsWhenItsTaskIsCancelled() async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try? await provider.run() } }
            group.cancelAll()
        }
        #expect(await provider.health().isReady)
    }

    @Test func theFactoryMakesAnEmptyProvider() async throws {
        var options = ConfigurationReader(ConfigurationNode(.map([])), path: "brokers.events")
        let context = ProviderContext(broker: "events", streams: [], clock: clock, logger: Logger(label: "test"))
        let made = MemoryProviderFactory().makeProvider(context, options: &options)
        #expect(MemoryProviderFactory().name == "memory")
        #expect(made?.capabilities == MemoryProviderFactory().capabilities)
        #expect(try await (made as? MemoryProvider)?.statistics(of: StreamSelection("*")).isEmpty == true)
    }
}
