// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Consumers of streams whose slot is marked for migration all the time. All keys stay on one node.
@Suite(.inRealTime) struct MovingSlotTests {
    private static let letter = Settlement.Action.deadLetter(
        DeadLetterNote(reason: .rejected, error: "no", attempts: 1))

    @Test func aConsumerSettlesInEveryWayAndRetriesComeBack() async throws {
        try await MovingSlot.with(of: "orders") { slot in
            try await withProvider(on: slot) { provider in
                let subscription = try await join("orders", provider)
                try await publish(1, to: "orders", provider)
                _ = try await subscription.settle(try await collect(1, from: subscription), Self.letter)
                try await slot.mark()
                let ids = try await publish(6, to: "orders", provider)
                let messages = try await collect(6, from: subscription)
                let actions: [Settlement.Action] = [
                    .ack, .retry(after: .milliseconds(50)), .release(after: .zero), .renew, Self.letter,
                ]
                let outcomes = try await subscription.settle(
                    zip(messages, actions).map { Settlement($0.receipt, $1) })
                #expect(outcomes.map(kind) == ["done", "done", "done", "renewed", "deadLettered"])
                #expect(try await subscription.extend([messages[5].receipt]).map(kind) == ["done"])
                let again = try await collect(2, from: subscription)
                #expect(Set(again.map(\.receipt.id)) == [ids[1], ids[2]])
                #expect(Set(again.map(\.attempt)) == [1, 2])
                await subscription.close()
            }
        }
    }

    @Test func whatAConsumerThatIsGoneHeldIsTakenOver() async throws {
        try await MovingSlot.with(of: "orders") { slot in
            try await withProvider(on: slot) { provider in
                let gone = try await join("orders", provider, as: "gone", visibility: .milliseconds(500))
                try await slot.mark()
                let ids = try await publish(3, to: "orders", provider)
                _ = try await collect(3, from: gone)
                await gone.close()
                let next = try await join("orders", provider, as: "next", visibility: .milliseconds(500))
                let messages = try await collect(3, from: next)
                #expect(Set(messages.map(\.receipt.id)) == Set(ids))
                #expect(messages.allSatisfy { $0.attempt >= 2 && $0.origin == .expired })
                await next.close()
            }
        }
    }

    @Test func theFirstDeadLetterOfAStreamWaitsWhileItsMessageStaysLeased() async throws {
        try await MovingSlot.with(of: "orders") { slot in
            try await withProvider(on: slot) { provider in
                let subscription = try await join("orders", provider)
                try await slot.mark()
                try await publish(2, to: "orders", provider)
                let messages = try await collect(2, from: subscription)
                let outcomes = try await subscription.settle([
                    Settlement(messages[0].receipt, Self.letter), Settlement(messages[1].receipt, .ack),
                ])
                guard case .refused(let error) = outcomes[0] else { throw RigFailure("\(outcomes)") }
                #expect(error.isRetryable)
                #expect(kind(outcomes[1]) == "done", "the others go on")
                #expect(try await subscription.extend([messages[0].receipt]).map(kind) == ["done"])
                try await slot.unmark()
                #expect(try await subscription.settle([messages[0]], Self.letter).map(kind) == ["deadLettered"])
                await subscription.close()
            }
        }
    }

    @Test func aStreamThatCannotBeJoinedYetDoesNotHoldUpTheOthersOfItsPattern() async throws {
        try await MovingSlot.with(of: "{agent}") { slot in
            try await withProvider(on: slot) { provider in
                try await publish(1, to: "{agent}.one", provider)
                let subscription = try await join("{agent}.*", provider)
                let later = try await publish(1, to: "{agent}.two", provider)
                try await slot.mark()
                try await publish(1, to: "{agent}.one", provider)
                let messages = try await collect(2, from: subscription)
                #expect(messages.allSatisfy { $0.receipt.stream == "{agent}.one" })
                #expect(try await subscription.receive(1, wait: .seconds(1)).isEmpty)
                try await slot.unmark()
                #expect(try await collect(1, from: subscription).map(\.receipt.id) == later)
                await subscription.close()
            }
        }
    }

    private func kind(_ outcome: SettlementOutcome) -> String {
        String("\(outcome)".prefix { $0 != "(" })
    }

    @discardableResult
    private func publish(
        _ count: Int, to stream: StreamName, _ provider: RedisStreamsProvider
    ) async throws -> [MessageID] {
        let entries = (0..<count).map { PublishBatch.Entry(stream: stream, message: Message(Payload("\($0)"))) }
        return try await provider.publish(PublishBatch(entries)).map { try $0.get().id }
    }

    private func join(
        _ selection: String, _ provider: RedisStreamsProvider, as consumer: ConsumerName = "one",
        visibility: Duration = .seconds(30)
    ) async throws -> any BrokerSubscription {
        try await provider.subscribe(
            SubscriptionRequest(
                StreamSelection(selection), group: "billing", consumer: consumer, start: .earliest,
                visibility: visibility))
    }

    private func collect(_ count: Int, from subscription: any BrokerSubscription) async throws -> [InboundMessage] {
        let end = EngineThread.shared.now + .seconds(20)
        var messages: [InboundMessage] = []
        while messages.count < count, EngineThread.shared.now < end {
            messages += try await subscription.receive(count - messages.count, wait: .milliseconds(500))
        }
        return messages
    }

    private func withProvider(on slot: MovingSlot, _ body: (RedisStreamsProvider) async throws -> Void) async throws {
        let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(slot.source.url)))
        let provider = try RedisStreamsProvider(options, clock: EngineThread.shared, logger: LogLines().logger)
        do {
            try await body(provider)
        } catch {
            await provider.close()
            throw error
        }
        await provider.close()
    }
}
