// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// What several streams may lease together.
@Suite struct SweepPlanTests {
    private let now = Instant(nanoseconds: 1_000_000_000)

    private func memberships(_ count: Int) -> MembershipTable {
        MembershipTable((0..<count).map { Membership(StreamName("s\($0)"), group: "g", keys: RedisKeys(), epoch: 1) })
    }

    private func swept(_ membership: inout Membership, _ change: (inout SweepReply) -> Void = { _ in }) {
        var reply = SweepReply(time: 1, epoch: 1)
        change(&reply)
        membership.sweep.begin()
        membership.sweep.finish(reply, SweepLimits(expired: 1, due: 1, suspects: 0), every: .seconds(10), at: now)
    }

    @Test func oneStreamGetsEverything() {
        let limits = SweepLimits(expired: 16, due: 16, suspects: 1)
        let plan = SweepPlan(memberships(1), limits, without: [], first: 7, at: now)
        #expect(plan.calls == [SweepPlan.Call(membership: 0, limits: limits)])
    }

    @Test(arguments: 1...9, 0...9) func togetherTheyGetNoMoreThanThereIs(streams: Int, room: Int) {
        let limits = SweepLimits(expired: room, due: room / 2, suspects: 1)
        let calls = SweepPlan(memberships(streams), limits, without: [], first: 3, at: now).calls
        #expect(calls.map(\.limits.expired).reduce(0, +) == limits.expired)
        #expect(calls.map(\.limits.due).reduce(0, +) == limits.due)
        #expect(calls.map(\.limits.suspects).reduce(0, +) <= 1)
        #expect(calls.allSatisfy { !$0.limits.isEmpty })
    }

    @Test func streamsThatWereSweptOrAreNotDueAreLeftOut() {
        var memberships = memberships(4)
        swept(&memberships[1])
        memberships[2].isLost = true
        let limits = SweepLimits(expired: 8, due: 8, suspects: 0)
        #expect(SweepPlan(memberships, limits, without: [3], first: 0, at: now).calls.map(\.membership) == [0])
    }

    @Test func theSuspectGoesToAStreamThatPassedOverOne() {
        var memberships = memberships(3)
        swept(&memberships[2]) { $0.hasPassedSuspects = true }
        let calls = SweepPlan(
            memberships, SweepLimits(expired: 3, due: 0, suspects: 1), without: [], first: 0, at: now
        ).calls
        #expect(calls.first { $0.membership == 2 }?.limits.suspects == 1)
    }

    @Test func aSweepForRetriesAloneTakesWhoIsDueForAnything() {
        var memberships = memberships(2)
        swept(&memberships[0])
        let plan = SweepPlan(memberships, SweepLimits(expired: 0, due: 1, suspects: 0), without: [], first: 0, at: now)
        #expect(plan.calls.map(\.membership) == [1])
    }
}
