// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// Every command of every call goes to the slot of its keys, on streams of several slots and with a prefix.
@Suite(.inRealTime) struct RouteTests {
    private static let pattern = StreamSelection("agents.*")
    private static let streams: [StreamName] = ["agents.one", "agents.two", "agents.{tag}.three"]

    @Test func everyCallNamesTheSlotOfItsKeys() async throws {
        let recorder = RouteRecorder(firstKeyDecidesIn: [RedisScripts.forward])
        try await ProviderFixture.with(prefix: "app:", { $0.connection.observer = recorder }) { fixture in
            for stream in Self.streams { try await fixture.publish(4, to: stream) }
            try await consume(fixture.provider)
            try await look(at: fixture.provider)
            try await maintain(fixture.provider)
        }
        #expect(recorder.complaints == [])
        let expected: Set = [
            "XADD", "SADD", "SREM", "SMEMBERS", "SCAN", "XREADGROUP", "HGET", "XRANGE", "XREVRANGE", "XREAD", "XACK",
            "XPENDING", "XINFO", "XLEN", "XTRIM", "TIME", "EVALSHA", "EVAL", "SET", "OBJECT", "DEL", "EXISTS", "CLIENT",
            "INFO", "PING",
        ]
        #expect(recorder.seen.isSuperset(of: expected), "\(expected.subtracting(recorder.seen))")
    }

    @Test(arguments: [RedisChannels.Kind.classic, .sharded])
    func everyChannelIsNamed(channels: RedisChannels.Kind) async throws {
        let recorder = RouteRecorder()
        try await PubSubFixture.with {
            $0.connection.observer = recorder
            $0.channels = channels
        } _: { fixture in
            let staying = try await fixture.join("orders")
            let selections = channels == .sharded ? ["invoices"] : ["invoices", "agents.*"]
            for selection in selections { try await fixture.join(selection).close() }
            try await fixture.publish(["a"], to: "orders")
            #expect(try await fixture.collect(1, from: staying) == ["a"])
        }
        #expect(recorder.complaints == [])
        let expected: Set =
            switch channels {
            case .classic: ["PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE"]
            case .sharded: ["SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE"]
            }
        #expect(recorder.seen.isSuperset(of: expected), "\(expected.subtracting(recorder.seen))")
    }

    /// Settles in every way, reads at once and blocks.
    private func consume(_ provider: RedisStreamsProvider) async throws {
        let request = SubscriptionRequest(Self.pattern, group: "billing", consumer: "one", start: .earliest)
        let subscription = try await provider.subscribe(request)
        var messages: [InboundMessage] = []
        while messages.count < 12 {
            messages += try await subscription.receive(ReceiveRequest(limit: 12, wait: .seconds(5))).messages
        }
        let output = PublishBatch.Entry(stream: "agents.four", message: Message(Payload("output")))
        let actions: [Settlement.Action] = [
            .ack, .retry(after: .zero), .release(after: .zero), .renew, .forward([output]),
            .deadLetter(DeadLetterNote(reason: .rejected, error: "no", attempts: 1)),
        ]
        let settlements = messages.enumerated().map { Settlement($1.receipt, actions[$0 % actions.count]) }
        _ = try await subscription.settle(settlements)
        _ = try await subscription.extend(messages.map(\.receipt))
        _ = try await subscription.restore(messages.map(\.receipt))
        _ = try await subscription.receive(ReceiveRequest(limit: 12, wait: .milliseconds(20)))
        _ = try await subscription.receive(ReceiveRequest(limit: 12, wait: .milliseconds(20)))
        await subscription.close()
    }

    private func look(at provider: RedisStreamsProvider) async throws {
        #expect(await provider.health().isReady)
        _ = try await provider.statistics(of: Self.pattern)
        _ = try await provider.consumers(of: "billing", on: Self.pattern, activeWithin: .seconds(60))
        _ = try await provider.latest(2, of: Self.streams[0])
        _ = try await provider.range(.zero ... .maximum, of: Self.streams[0], limit: 2)
        let last = try await provider.latest(1, of: Self.streams[0]).first?.id ?? .zero
        _ = try await provider.tail(Self.streams[0], after: last, limit: 2, wait: .seconds(2))
    }

    private func maintain(_ provider: RedisStreamsProvider) async throws {
        let stream = MaintenanceRequest.Stream(
            selection: Self.pattern, retention: RetentionPolicy(maximumLength: 2), groups: ["billing"])
        _ = try await provider.maintain(MaintenanceRequest(streams: [stream], interval: .seconds(1)))
        _ = try await provider.rewind("billing", of: Self.streams[0], to: .earliest)
        _ = try await provider.purge(Self.streams[0])
        _ = try await provider.delete(Self.pattern, idleFor: .seconds(3600))
        #expect(try await provider.delete(Self.pattern, idleFor: .zero) > 2)
    }
}
