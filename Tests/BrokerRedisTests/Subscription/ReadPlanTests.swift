// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// Which streams are read, and how many messages of each.
@Suite struct ReadPlanTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    private func memberships(_ count: Int) -> MembershipTable {
        MembershipTable((0..<count).map { Membership(StreamName("s\($0)"), group: "g", keys: RedisKeys(), epoch: 1) })
    }

    @Test(arguments: 1...7, 1...20) func noReadBringsMoreThanAskedFor(streams: Int, room: Int) {
        let plan = ReadPlan(memberships(streams), first: 5, at: now)
        var seen: [Int] = []
        while seen.count < streams {
            let part = ReadPlan.part(of: plan.memberships, from: seen.count, room: room)
            #expect(part.count * ReadPlan.count(room, of: part.count) <= room)
            seen += part
        }
        #expect(Set(seen) == Set(0..<streams))
        #expect(plan.fitsAtOnce(room) == (streams <= room))
    }

    @Test func nobodyIsAlwaysTheLast() {
        let firsts = (0..<3).map { ReadPlan(memberships(3), first: $0, at: now).memberships.first }
        #expect(firsts == [0, 1, 2])
    }

    @Test func whatIsLostOrRestsIsNotRead() {
        var memberships = memberships(3)
        memberships[0].lose(at: now)
        memberships[1].restsUntil = now + .seconds(1)
        #expect(ReadPlan(memberships, first: 0, at: now).memberships == [2])
        #expect(ReadPlan(memberships, first: 0, at: now + .seconds(1)).memberships == [1, 2])
    }
}
