// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import Testing

/// Replies to reads that were lost.
@Suite(.inRealTime) struct LostReadsTests {
    let begin = Instant.distantPast + .seconds(1_000)
    let first = MessageID(milliseconds: 1, sequence: 0)
    let second = MessageID(milliseconds: 2, sequence: 0)

    @Test func aGapBeginsBehindTheLastMessageThatArrived() {
        var reads = LostReads()
        reads.arrived(first, in: "orders")
        reads.lost(["orders", "mails"], since: begin)
        let gaps = reads.gaps(atMost: 9).sorted { $0.stream.text < $1.stream.text }
        #expect(gaps.map(\.last) == [nil, first])
        #expect(gaps[0].age(at: begin + .milliseconds(7)) == 7)
    }

    @Test func theFirstOfSeveralLostReadsSaysSinceWhen() {
        var reads = LostReads()
        reads.lost(["orders"], since: begin)
        reads.lost(["orders"], since: begin + .seconds(1))
        #expect(reads.gaps(atMost: 9).map(\.since) == [begin])
    }

    @Test func whatIsFoundMovesTheGapUntilThereIsNoMore() throws {
        var reads = LostReads()
        reads.lost(["orders"], since: begin)
        reads.found(try #require(reads.gaps(atMost: 1).first), upTo: first, hasMore: true)
        let rest = try #require(reads.gaps(atMost: 1).first)
        #expect(rest.last == first && rest.since == begin)
        reads.found(rest, upTo: second, hasMore: false)
        #expect(reads.isEmpty)
        reads.lost(["orders"], since: begin)
        #expect(reads.gaps(atMost: 1).first?.last == second)
    }

    @Test func aGroupThatBeginsAnewForgetsWhatCameBefore() {
        var reads = LostReads()
        reads.arrived(first, in: "orders")
        reads.lost(["orders"], since: begin)
        reads.forget("orders")
        #expect(reads.isEmpty)
        reads.lost(["orders"], since: begin)
        #expect(reads.gaps(atMost: 1).first?.last == nil)
    }

    /// Leases that were renewed since, and those of later attempts, are in somebody's hand.
    @Test func whatIsInHandDoesNotComeAgain() async throws {
        try await RedisScene.with { scene in
            try await scene.publish(20)
            let subscription = try await scene.join()
            let held = try await scene.collect(8, from: subscription, limit: 8)
            _ = try await subscription.extend(held.map(\.receipt))
            scene.proxy.inject(.cut(perMille: 500)) { $0.hasReadMessages }
            await #expect(throws: BrokerError.self) { try await scene.collect(1, from: subscription, limit: 8) }
            let others = try await scene.collect(12, from: subscription, within: .seconds(10))
            #expect(scene.proxy.strikes == 1)
            #expect(others.allSatisfy { $0.attempt == 1 && $0.origin == .new })
            #expect(Set((held + others).map(\.receipt.id)).count == 20)
            #expect(try await scene.collect(1, from: subscription, within: .milliseconds(200)).isEmpty)
        }
    }
}
