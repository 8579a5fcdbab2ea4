// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// How much is leased at a time.
@Suite struct LeaseAppetiteTests {
    private var appetite = LeaseAppetite(visibility: .seconds(30))

    @Test func beginsWithFewAndDoublesWhileThatGoesQuickly() {
        var appetite = appetite
        var limits = [appetite.limit]
        for _ in 0..<4 {
            appetite.took(appetite.limit, bytes: 100, in: .milliseconds(1))
            limits.append(appetite.limit)
        }
        #expect(limits == [16, 32, 64, 128, 256])
    }

    @Test func doesNotGrowByWhatLeavesHalfOfTheRoomOrWasWaitedFor() {
        var appetite = appetite
        appetite.took(8, bytes: 100, in: .milliseconds(1))
        appetite.took(16, bytes: 100, in: nil)
        appetite.took(0, bytes: 0, in: .seconds(20))
        #expect(appetite.limit == 16)
    }

    @Test func growsByWhatDoesNotDivideByTheStreams() {
        var appetite = appetite
        appetite.took(16, bytes: 100, in: .milliseconds(1))
        for _ in 0..<4 { appetite.took(max(1, appetite.limit / 20) * 20, bytes: 100, in: .milliseconds(1)) }
        #expect(appetite.limit == 512)
    }

    /// Five of thirty seconds may pass until the bodies are there.
    @Test func shrinksToWhatArrivesInTime() {
        var appetite = appetite
        appetite.took(16, bytes: 16, in: .seconds(20))
        #expect(appetite.limit == 4)
        appetite.took(1, bytes: 1, in: .seconds(600))
        #expect(appetite.limit == 1)
        appetite.took(1, bytes: 1, in: .seconds(1))
        #expect(appetite.limit == 2, "it recovers")
    }

    @Test func isBoundInBytes() {
        var appetite = appetite
        for _ in 0..<10 { appetite.took(appetite.limit, bytes: appetite.limit << 20, in: .milliseconds(1)) }
        #expect(appetite.limit == 64)
        appetite.took(1, bytes: 512 << 20, in: .milliseconds(1))
        #expect(appetite.limit == 1)
    }

    @Test func whatWasTooMuchTwiceIsNotAskedForAgainBeforeAThousandHaveCome() {
        var appetite = appetite
        for _ in 0..<3 { appetite.choked() }
        var arrived = 0
        while appetite.limit == 2 {
            appetite.took(2, bytes: 100, in: .milliseconds(1))
            arrived += 2
        }
        #expect(arrived == LeaseAppetite.trial)
        #expect(appetite.limit == 4)
    }

    @Test func oneLostConnectionIsNoLimit() {
        var appetite = appetite
        for _ in 0..<100 {
            appetite.choked()
            appetite.took(appetite.limit, bytes: 100, in: .milliseconds(1))
        }
        #expect(appetite.limit == 16)
        appetite.choked()
        appetite.took(0, bytes: 0, in: nil)
        appetite.choked()
        for _ in 0..<5 { appetite.took(appetite.limit, bytes: 100, in: .milliseconds(1)) }
        #expect(appetite.limit == 128)
    }

    @Test func anAnswerThatCannotBeTakenIsAskedForInHalves() {
        var appetite = appetite
        appetite.choked()
        #expect(appetite.limit == 8)
        for _ in 0..<9 { appetite.choked() }
        #expect(appetite.limit == 1)
    }
}
