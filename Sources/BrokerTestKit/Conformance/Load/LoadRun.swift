// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Publishers and consumers that go on until every confirmed message is acknowledged.
///
/// Both repeat a failed call, as the engine does. So a message may be stored twice, but with one name.
final class LoadRun: Sendable {
    let ledger = LoadLedger()
    let total: Int

    private let bench: ConformanceBench
    private let provider: any BrokerProvider
    private let publishers: Int
    private let messages: Int
    private let stream: StreamName
    private let state = Mutex((rates: HandlerRates(), subscriptions: [any BrokerSubscription]()))

    init(_ bench: ConformanceBench, through provider: any BrokerProvider, publishers: Int, messages: Int) {
        self.bench = bench
        self.provider = provider
        self.publishers = publishers
        self.messages = messages
        total = publishers * messages
        stream = bench.stream()
    }

    /// Sets how handlers behave that start from now on.
    func setRates(_ rates: HandlerRates) {
        state.withLock { $0.rates = rates }
    }

    /// Subscribes more consumers.
    func join(consumers: Int) async throws {
        for number in 0..<consumers {
            let subscription = try await bench.join(stream, as: ConsumerName("c\(number)"), on: provider)
            state.withLock { $0.subscriptions.append(subscription) }
        }
    }

    /// Starts every publisher and every subscribed consumer.
    func start(in group: inout ThrowingTaskGroup<Void, any Error>) {
        let (rates, subscriptions) = state.withLock { $0 }
        for number in 0..<publishers {
            group.addTask { try await self.publish(number) }
        }
        for (number, subscription) in subscriptions.enumerated() {
            group.addTask { try await self.consume(subscription, rates, SeededGenerator(seed: UInt64(number))) }
        }
    }

    private func publish(_ publisher: Int) async throws {
        for number in 0..<messages {
            let name = "\(publisher)/\(number)"
            ledger.attempt(name)
            let batch = PublishBatch([.init(stream: stream, message: Message(Payload(name)))])
            while case .failure(let error) = await provider.publish(batch)[0] {
                try await pause(after: error)
            }
            ledger.confirm(name)
            await bench.time.pass(bench.visibility / 300)
        }
    }

    private func consume(
        _ subscription: any BrokerSubscription, _ rates: HandlerRates, _ generator: SeededGenerator
    ) async throws {
        var generator = generator
        let end = bench.time.now + bench.takeover * 30
        while ledger.acknowledged < total {
            try Task.checkCancellation()
            try expect(bench.time.now < end, "\(total - ledger.acknowledged) messages were never acknowledged")
            for message in try await receive(from: subscription) {
                guard let action = rates.draw(using: &generator) else { continue }
                try await settle(message, action, on: subscription)
            }
        }
    }

    private func receive(from subscription: any BrokerSubscription) async throws -> [InboundMessage] {
        do throws(BrokerError) {
            return try await subscription.receive(ReceiveRequest(limit: 10, wait: bench.visibility / 10)).messages
        } catch {
            try await pause(after: error)
            return []
        }
    }

    private func settle(
        _ message: InboundMessage, _ action: Settlement.Action, on subscription: any BrokerSubscription
    ) async throws {
        while true {
            do throws(BrokerError) {
                let outcome = try await subscription.settle([Settlement(message.receipt, action)])[0]
                if case .ack = action, outcome.kind == .done || outcome.kind == .settled {
                    ledger.acknowledge(message.message.payload.string)
                }
                return
            } catch {
                try await pause(after: error)
            }
        }
    }

    private func pause(after error: BrokerError) async throws {
        try Task.checkCancellation()
        try expect(error.isRetryable, "an error that no retry can help: \(error)")
        await bench.time.pass(bench.visibility / 100)
    }
}

/// How often, from 0 to 1, a handler does something else than acknowledge.
struct HandlerRates {
    var retry = 0.0
    var release = 0.0
    /// Lets its lease expire, as a consumer that dies does.
    var vanish = 0.0

    func draw(using generator: inout SeededGenerator) -> Settlement.Action? {
        let drawn = Double.random(in: 0..<1, using: &generator)
        if drawn < vanish { return nil }
        if drawn < vanish + retry { return .retry(after: .milliseconds(Int64.random(in: 0...50, using: &generator))) }
        if drawn < vanish + retry + release { return .release(after: .zero) }
        return .ack
    }
}

/// Records what was published, confirmed and handled. In the end, every confirmed message must be handled, and every
/// handled one must have been published.
final class LoadLedger: Sendable {
    private let state = Mutex((attempted: Set<String>(), confirmed: Set<String>(), acknowledged: Set<String>()))

    var confirmed: Int { state.withLock { $0.confirmed.count } }
    var acknowledged: Int { state.withLock { $0.acknowledged.count } }

    func attempt(_ name: String) { state.withLock { _ = $0.attempted.insert(name) } }
    func confirm(_ name: String) { state.withLock { _ = $0.confirmed.insert(name) } }
    func acknowledge(_ name: String) { state.withLock { _ = $0.acknowledged.insert(name) } }

    func verify() throws {
        let (attempted, confirmed, acknowledged) = state.withLock { $0 }
        try expect(confirmed.subtracting(acknowledged).count, is: 0, "confirmed messages that were never acknowledged")
        try expect(acknowledged.subtracting(attempted).count, is: 0, "messages that nobody published")
    }
}
