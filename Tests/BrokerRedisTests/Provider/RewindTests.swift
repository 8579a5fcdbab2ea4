// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// What a rewinding leaves on the server.
@Suite(.inRealTime, .timeLimit(.minutes(1))) struct RewindTests {
    private static let floor = "{orders}:billing:floor"
    private static let due = "{orders}:billing:due"

    /// A group that has been given ten entries: the second and the eighth wait for a retry, the others are settled.
    private func scene(_ body: (ProviderFixture, [MessageID], any BrokerSubscription) async throws -> Void) async throws
    {
        try await ProviderFixture.with { fixture in
            let ids = try await fixture.publish(10, to: "orders")
            let subscription = try await fixture.provider.subscribe(
                SubscriptionRequest(.stream("orders"), group: "billing", consumer: "one@30000"))
            let messages = try await subscription.receive(10, wait: .seconds(5))
            _ = try await subscription.settle([messages[1], messages[7]], .retry(after: .seconds(600)))
            _ = try await subscription.settle(
                messages.filter { ![1, 7].contains(ids.firstIndex(of: $0.receipt.id)) }, .ack)
            try await body(fixture, ids, subscription)
        }
    }

    @Test func whatWaitsBehindThePositionWaitsNoLonger() async throws {
        try await scene { fixture, ids, subscription in
            let epoch = try await fixture.command("HGET", "\(Self.floor) epoch").string
            let id = try await fixture.provider.rewind("billing", of: "orders", to: .after(ids[4]))
            #expect(id == ids[4])
            #expect(try await fixture.command("ZCOUNT", "\(Self.due) -inf (+inf").integer == 1)
            #expect(try await fixture.server.pendingCount("orders", "billing") == 1)
            #expect(try await fixture.command("HGET", "\(Self.floor) epoch").string == epoch)
            #expect(try await subscription.receive(10, wait: .seconds(5)).map(\.receipt.id) == Array(ids[5...]))
        }
    }

    /// A group that is lost behind a rewinding begins where it was rewound to, not where it had been.
    @Test func theFloorGoesBackToo() async throws {
        try await scene { fixture, ids, subscription in
            _ = try await fixture.provider.rewind("billing", of: "orders", to: .earliest)
            _ = try await fixture.command("XGROUP", "SETID orders billing \(ids[9])")
            _ = try await fixture.provider.maintain(
                MaintenanceRequest(streams: [
                    .init(selection: .stream("orders"), retention: RetentionPolicy(), groups: ["billing"])
                ]))
            _ = try await fixture.provider.rewind("billing", of: "orders", to: .after(ids[2]))
            #expect(try await fixture.command("HGET", "\(Self.floor) id").string == "\(ids[2])")
            _ = try await fixture.command("XGROUP", "DESTROY orders billing")
            var found: [MessageID] = []
            while found.count < 7 { found += try await subscription.receive(10, wait: .seconds(5)).map(\.receipt.id) }
            #expect(found == Array(ids[3...]))
        }
    }

    @Test func somethingElseUnderTheKeyIsAnError() async throws {
        try await ProviderFixture.with { fixture in
            _ = try await fixture.command("SET", "orders 1")
            let error = await #expect(throws: BrokerError.self) {
                _ = try await fixture.provider.rewind("billing", of: "orders", to: .earliest)
            }
            #expect(error?.code == .wrongType || error?.code == .server)
        }
    }
}
