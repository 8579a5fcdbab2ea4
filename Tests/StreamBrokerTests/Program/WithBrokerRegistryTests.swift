// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import StreamBroker
import Synchronization
import Testing

/// A registry with a life as long as a closure's, or as a service's among others.
@Suite(.timeLimit(.minutes(10))) struct WithBrokerRegistryTests {
    struct Refusal: Error, Equatable {
        var number = 0
    }

    private static func count(_ kinds: SettledKinds, _ kind: SettledEvent.Kind) -> Int {
        kinds.seen.all.count { $0 == kind }
    }

    @Test func drainsWhenTheBodyHasEnded() async throws {
        let kinds = SettledKinds()
        let begun = Seen<Int>()
        let registry = try RegistryFixture.orders(observers: [kinds])
        let answer = try await withBrokerRegistry(registry) { registry in
            registry.handle("orders", group: "workers") { delivery in
                begun.add(delivery.attempt)
                try await Task.sleep(for: .milliseconds(20))
            }
        } body: { registry in
            try await registry.publish("a", to: "orders")
            await begun.wait(for: 1)
            return 42
        }
        #expect(answer == 42)
        #expect(Self.count(kinds, .ack) == 1)
        #expect(await registry.health().map(\.status) == [.down])
    }

    @Test func aBodyThatThrowsDrainsAsWell() async throws {
        let kinds = SettledKinds()
        let begun = Seen<Int>()
        let registry = try RegistryFixture.orders(observers: [kinds])
        await #expect(throws: Refusal(number: 7)) {
            try await withBrokerRegistry(registry) { registry in
                registry.handle("orders", group: "workers") { delivery in
                    begun.add(delivery.attempt)
                    try await Task.sleep(for: .milliseconds(20))
                }
            } body: { registry in
                try await registry.publish("a", to: "orders")
                await begun.wait(for: 1)
                throw Refusal(number: 7)
            }
        }
        // The handler was not cancelled: it ended in the drain.
        #expect(kinds.seen.all == [.ack])
    }

    @Test func aBodyThatEndsAtOnceEndsTheRegistryBeforeItBegins() async throws {
        for _ in 0..<50 {
            try await withBrokerRegistry(RegistryFixture.orders()) { registry in
                registry.handle("orders", group: "workers") { _ in }
            } body: { _ in
            }
        }
    }

    @Test func aBodyDoesNotBeginWhenHandlersDoNotFit() async throws {
        let registry = try RegistryFixture.orders()
        await #expect(throws: ConfigurationError.self) {
            try await withBrokerRegistry(registry) { registry in
                registry.handle("ordres", group: "workers") { _ in }
            } body: { _ in
                Issue.record("the body has begun")
            }
        }
        #expect(await registry.health().map(\.status) == [.down])
    }

    @Test func aRegistryThatFailsCancelsTheBody() async throws {
        let wasCancelled = Mutex(false)
        let registry = try RegistryFixture.registry(
            [StreamConfiguration("orders", groups: [GroupConfiguration("workers")])],
            brokers: [BrokerConfiguration("events", provider: "sick")], providers: [SickProviderFactory()])
        await #expect(throws: SickProvider.Failure.self) {
            try await withBrokerRegistry(registry) { _ in
                try? await Task.sleep(for: .seconds(3600))
                wasCancelled.withLock { $0 = Task.isCancelled }
            }
        }
        #expect(wasCancelled.withLock { $0 })
    }

    /// A request, for one, needs a registry that runs.
    @Test func theBodyBeginsWhenTheRegistryRuns() async throws {
        for _ in 0..<100 {
            let answer = try await withBrokerRegistry(RegistryFixture.orders()) { registry in
                registry.handle("orders", group: "workers") { try await $0.reply("yes") }
            } body: { registry in
                try await registry.request("may I?", to: "orders", as: String.self)
            }
            #expect(answer == "yes")
        }
    }

    @Test func registeringThatThrowsClosesTheRegistry() async throws {
        let registry = try RegistryFixture.orders()
        await #expect(throws: Refusal()) {
            try await withBrokerRegistry(registry) { _ in
                throw Refusal()
            } body: { _ in
            }
        }
        let error = await #expect(throws: BrokerError.self) { try await registry.publish("a", to: "orders") }
        #expect(error?.code == .closed)
    }

    @Test func aRegistryRunsOnce() async throws {
        let registry = try RegistryFixture.orders()
        try await withBrokerRegistry(registry) { _ in }
        let error = await #expect(throws: BrokerError.self) { try await registry.run() }
        #expect(error?.code == .notRunning)
    }

    @Test func loadsFromAFile() async throws {
        let file = try ConfigurationFixture(
            Array("version: 1\nbrokers: { a: { provider: memory } }\nstreams: { s: { groups: { g: } } }\n".utf8))
        let seen = Seen<Int>()
        try await withBrokerRegistry(file.path) { registry in
            registry.handle("s", group: "g", as: Int.self) { value, _ in seen.add(value) }
        } body: { registry in
            try await registry.publish(5, to: "s")
            await seen.wait(for: 1)
        }
        #expect(seen.all == [5])
    }

    @Test func drainsWithTheServiceGroupItBelongsTo() async throws {
        let kinds = SettledKinds()
        let begun = Seen<Int>()
        let registry = try RegistryFixture.orders(observers: [kinds])
        registry.handle("orders", group: "workers") { delivery in
            begun.add(delivery.attempt)
            try await Task.sleep(for: .milliseconds(20))
        }
        let silent = Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(configuration: .init(services: [.init(service: registry)], logger: silent))
        try await withThrowingDiscardingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await registry.publish("a", to: "orders")
            await begun.wait(for: 1)
            await group.triggerGracefulShutdown()
        }
        #expect(kinds.seen.all == [.ack])
        #expect(await registry.health().map(\.reasons) == [["closed", "the registry has ended"]])
    }

    /// Services of a group begin in any order, so that one may ask before the registry runs.
    @Test func aServiceBesideItMayAskAtOnce() async throws {
        for number in 0..<100 {
            let registry = try RegistryFixture.orders()
            registry.handle("orders", group: "workers") { try await $0.reply(Message($0.message.payload)) }
            try await withThrowingDiscardingTaskGroup { tasks in
                tasks.addTask {
                    defer { registry.drain() }
                    let answer = try await registry.request(Message(Payload("\(number)")), to: "orders")
                    #expect(answer.payload.string == "\(number)")
                }
                tasks.addTask { try await registry.run() }
            }
        }
    }

    @Test func cancellationReleasesWhatIsHeld() async throws {
        let kinds = SettledKinds()
        let begun = Seen<Int>()
        let registry = try RegistryFixture.orders(observers: [kinds])
        registry.handle("orders", group: "workers") { delivery in
            begun.add(delivery.attempt)
            try await Task.sleep(for: .seconds(3600))
        }
        await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await registry.run() }
            _ = try? await registry.publish("a", to: "orders")
            await begun.wait(for: 1)
            tasks.cancelAll()
        }
        #expect(begun.all == [1], "nothing begins after it was told to end")
        // A read that was under way may bring back what was released, which is released again.
        #expect(Set(kinds.seen.all) == [.release])
    }
}
