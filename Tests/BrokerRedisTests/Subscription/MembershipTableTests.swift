// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// The memberships of a subscription and what is known of all of them.
@Suite struct MembershipTableTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    private func table(_ count: Int) -> MembershipTable {
        var table = MembershipTable(
            (0..<count).map { Membership(StreamName("s\($0)"), group: "g", keys: RedisKeys(), epoch: 1) })
        for position in table.indices { table[position].sweep.passOver(every: .seconds(10), at: now) }
        return table
    }

    @Test func membershipsAreFoundByTheirStreamAlsoAfterOthersWereGivenUp() {
        var table = table(5)
        table.remove(["s0", "s3"])
        #expect(table.map(\.stream) == ["s1", "s2", "s4"])
        #expect(table.position(of: "s4") == 2)
        #expect(table.position(of: "s3") == nil)
    }

    @Test func aSweepIsDueWhenItIsOfOneStream() {
        var table = table(3)
        let later = now + .seconds(10)
        #expect((table.isSweepDue(at: now, suspects: 1), table.nextTime()) == (false, later))
        _ = table[1].sweep.parked(until: now + .seconds(1))
        #expect((table.nextTime(), table.nextRetry()) == (now + .seconds(1), now + .seconds(1)))
        let isDue = table.isSweepDue(at: now + .seconds(1), suspects: 0)
        #expect(isDue)
    }

    @Test func aLostGroupIsMadeAgainAtOnceAndTheNextTimeLater() {
        var table = table(2)
        var isDue = [table.isRejoinDue(at: now)]
        table[0].lose(at: now)
        isDue.append(table.isRejoinDue(at: now))
        table[0].rejoin(2)
        table[0].lose(at: now)
        isDue.append(table.isRejoinDue(at: now))
        #expect((isDue, table.nextTime()) == ([false, true, false], now + .milliseconds(100)))
        table[1].lose(at: now)
        isDue.append(table.isRejoinDue(at: now))
        #expect(isDue.last == true, "each has its own backoff")
    }

    @Test func whatIsUnderAKeyThatIsNoStreamIsNewsOnce() {
        var table = table(1)
        var isNews: [Bool] = []
        for _ in 0..<3 { isNews.append(table[0].setAside(until: now)) }
        table[0].rejoin(2)
        isNews.append(table[0].setAside(until: now))
        #expect(isNews == [true, false, false, true])
    }
}
