// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// How much is leased at a time.
@Suite struct BatchSizerTests {
    private var batchSizer = BatchSizer(visibility: .seconds(30))

    @Test func beginsWithFewAndDoublesWhileThatGoesQuickly() {
        var batchSizer = batchSizer
        var limits = [batchSizer.limit]
        for _ in 0..<4 {
            batchSizer.took(batchSizer.limit, bytes: 100, in: .milliseconds(1))
            limits.append(batchSizer.limit)
        }
        #expect(limits == [16, 32, 64, 128, 256])
    }

    @Test func doesNotGrowByWhatLeavesHalfOfTheRoomOrWasWaitedFor() {
        var batchSizer = batchSizer
        batchSizer.took(8, bytes: 100, in: .milliseconds(1))
        batchSizer.took(16, bytes: 100, in: nil)
        batchSizer.took(0, bytes: 0, in: .seconds(20))
        #expect(batchSizer.limit == 16)
    }

    @Test func growsByWhatDoesNotDivideByTheStreams() {
        var batchSizer = batchSizer
        batchSizer.took(16, bytes: 100, in: .milliseconds(1))
        for _ in 0..<4 { batchSizer.took(max(1, batchSizer.limit / 20) * 20, bytes: 100, in: .milliseconds(1)) }
        #expect(batchSizer.limit == 512)
    }

    /// Five of thirty seconds may pass until the bodies are there.
    @Test func shrinksToWhatArrivesInTime() {
        var batchSizer = batchSizer
        batchSizer.took(16, bytes: 16, in: .seconds(20))
        #expect(batchSizer.limit == 4)
        batchSizer.took(1, bytes: 1, in: .seconds(600))
        #expect(batchSizer.limit == 1)
        batchSizer.took(1, bytes: 1, in: .seconds(1))
        #expect(batchSizer.limit == 2, "it recovers")
    }

    @Test func isBoundInBytes() {
        var batchSizer = batchSizer
        for _ in 0..<10 { batchSizer.took(batchSizer.limit, bytes: batchSizer.limit << 20, in: .milliseconds(1)) }
        #expect(batchSizer.limit == 64)
        batchSizer.took(1, bytes: 512 << 20, in: .milliseconds(1))
        #expect(batchSizer.limit == 1)
    }

    @Test func whatWasTooMuchTwiceIsNotAskedForAgainBeforeAThousandHaveCome() {
        var batchSizer = batchSizer
        for _ in 0..<3 { batchSizer.shrink() }
        var arrived = 0
        while batchSizer.limit == 2 {
            batchSizer.took(2, bytes: 100, in: .milliseconds(1))
            arrived += 2
        }
        #expect(arrived == BatchSizer.trial)
        #expect(batchSizer.limit == 4)
    }

    @Test func oneLostConnectionIsNoLimit() {
        var batchSizer = batchSizer
        for _ in 0..<100 {
            batchSizer.shrink()
            batchSizer.took(batchSizer.limit, bytes: 100, in: .milliseconds(1))
        }
        #expect(batchSizer.limit == 16)
        batchSizer.shrink()
        batchSizer.took(0, bytes: 0, in: nil)
        batchSizer.shrink()
        for _ in 0..<5 { batchSizer.took(batchSizer.limit, bytes: 100, in: .milliseconds(1)) }
        #expect(batchSizer.limit == 128)
    }

    @Test func anAnswerThatCannotBeTakenIsAskedForInHalves() {
        var batchSizer = batchSizer
        batchSizer.shrink()
        #expect(batchSizer.limit == 8)
        for _ in 0..<9 { batchSizer.shrink() }
        #expect(batchSizer.limit == 1)
    }
}
