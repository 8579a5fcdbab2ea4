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

    private func seats(_ count: Int) -> SeatTable {
        SeatTable((0..<count).map { StreamSeat(StreamName("s\($0)"), group: "g", keys: RedisKeys(), epoch: 1) })
    }

    private func swept(_ seat: inout StreamSeat, _ change: (inout SweepAnswer) -> Void = { _ in }) {
        var answer = SweepAnswer(time: 1, epoch: 1)
        change(&answer)
        seat.sweep.begin()
        seat.sweep.finish(answer, SweepRoom(expired: 1, due: 1, suspects: 0), every: .seconds(10), at: now)
    }

    @Test func oneStreamGetsEverything() {
        let room = SweepRoom(expired: 16, due: 16, suspects: 1)
        let plan = SweepPlan(seats(1), room, without: [], first: 7, at: now)
        #expect(plan.calls == [SweepPlan.Call(seat: 0, room: room)])
    }

    @Test(arguments: 1...9, 0...9) func togetherTheyGetNoMoreThanThereIs(streams: Int, room: Int) {
        let room = SweepRoom(expired: room, due: room / 2, suspects: 1)
        let calls = SweepPlan(seats(streams), room, without: [], first: 3, at: now).calls
        #expect(calls.map(\.room.expired).reduce(0, +) == room.expired)
        #expect(calls.map(\.room.due).reduce(0, +) == room.due)
        #expect(calls.map(\.room.suspects).reduce(0, +) <= 1)
        #expect(calls.allSatisfy { !$0.room.isEmpty })
    }

    @Test func streamsThatWereSweptOrAreNotDueAreLeftOut() {
        var seats = seats(4)
        swept(&seats[1])
        seats[2].isLost = true
        let room = SweepRoom(expired: 8, due: 8, suspects: 0)
        #expect(SweepPlan(seats, room, without: [3], first: 0, at: now).calls.map(\.seat) == [0])
    }

    @Test func theSuspectGoesToAStreamThatPassedOverOne() {
        var seats = seats(3)
        swept(&seats[2]) { $0.hasPassedSuspects = true }
        let calls = SweepPlan(
            seats, SweepRoom(expired: 3, due: 0, suspects: 1), without: [], first: 0, at: now
        ).calls
        #expect(calls.first { $0.seat == 2 }?.room.suspects == 1)
    }

    @Test func aLookForRetriesAloneTakesWhoIsDueForAnything() {
        var seats = seats(2)
        swept(&seats[0])
        let plan = SweepPlan(seats, SweepRoom(expired: 0, due: 1, suspects: 0), without: [], first: 0, at: now)
        #expect(plan.calls.map(\.seat) == [1])
    }
}
