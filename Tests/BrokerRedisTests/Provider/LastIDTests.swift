// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

/// A stream whose last entry has the greatest id that there is takes no more.
@Suite(.inRealTime) struct LastIDTests {
    @Test func publishingBehindTheGreatestIDIsRefusedOnceAndItsNeighboursAreStored() async throws {
        try await RedisScene.with { scene in
            try await scene.server.command("XADD", "full", "18446744073709551615-18446744073709551615", "a", "b")
            let entries = ["full", "orders"].map {
                PublishBatch.Entry(stream: StreamName($0), message: Message(Payload("x")))
            }
            let results = await scene.provider.publish(PublishBatch(entries))
            let error = #expect(throws: BrokerError.self) { try results[0].get() }
            #expect(error?.effect == .notApplied)
            #expect(error?.isRetryable == false)
            #expect(throws: Never.self) { try results[1].get() }
            #expect(scene.proxy.counts["XADD"] == 2)
            #expect(try await scene.server.command("XLEN", "full").integer == 1)
        }
    }

    /// What is there can be read all the same.
    @Test func theGreatestIDIsReadAndSettled() async throws {
        try await RedisScene.with { scene in
            try await scene.server.command("XADD", "full", "18446744073709551615-18446744073709551615", "data", "x")
            let subscription = try await scene.join("full")
            let messages = try await scene.collect(1, from: subscription)
            #expect(messages.map(\.receipt.id) == [.maximum])
            #expect(try await subscription.settle(messages, .retry(after: .zero)).count == 1)
            let again = try await scene.collect(1, from: subscription)
            #expect(again.map(\.attempt) == [2])
            _ = try await subscription.settle(again, .ack)
            #expect(try await scene.server.pendingCount("full", "billing") == 0)
        }
    }
}
