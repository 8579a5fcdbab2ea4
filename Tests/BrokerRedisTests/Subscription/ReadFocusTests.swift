// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// Which of many streams are read.
@Suite struct ReadFocusTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func seats(_ count: Int) -> SeatTable {
        SeatTable((0..<count).map { StreamSeat(StreamName("s\($0)"), group: "g", keys: RedisKeys(), epoch: 1) })
    }

    @Test func fewStreamsAreAllReadEachTime() {
        var focus = ReadFocus()
        focus.served([3], at: start)
        #expect(focus.plan(seats(ReadFocus.few), first: 0, at: start).seats.count == ReadFocus.few)
    }

    @Test func withNoBusyStreamAllAreRead() {
        var focus = ReadFocus()
        let plan = focus.plan(seats(1000), first: 0, at: start)
        #expect((plan.quiet.count, plan.busy.count, plan.next) == (1000, 0, .distantFuture))
    }

    @Test func whileSomeAreBusyTheOthersWaitForTheirTurn() {
        var focus = ReadFocus()
        let seats = seats(1000)
        focus.lookedAtAll(1000, foundNothing: false, at: start)
        focus.served([7, 500], at: start)
        let plan = focus.plan(seats, first: 0, at: start)
        #expect((plan.quiet, Set(plan.busy)) == ([], [7, 500]))
        #expect(plan.next == start + ReadFocus.pausePerStream * 1000)
        let turn = focus.plan(seats, first: 0, at: plan.next)
        #expect((turn.quiet.count, turn.busy.count, turn.next) == (998, 2, .distantFuture))
    }

    @Test func aPassOverTheQuietOnesGoesOnWhereItStoppedAndEnds() {
        var focus = ReadFocus()
        let seats = seats(1000)
        focus.served([7], at: start)
        var seen: Set<Int> = []
        for _ in 0..<10 {
            let plan = focus.plan(seats, first: 0, at: start)
            let count = min(100, plan.quiet.count)
            #expect(seen.isDisjoint(with: plan.quiet.prefix(count)))
            seen.formUnion(plan.quiet.prefix(count))
            focus.looked(at: count, of: plan, taking: .milliseconds(1), at: start)
        }
        #expect(seen == Set(0..<1000).subtracting([7]))
        let plan = focus.plan(seats, first: 0, at: start)
        #expect((plan.quiet, plan.busy) == ([], [7]))
        #expect(plan.next == start + .milliseconds(200), "ten looks of a millisecond, and twenty times as long")
    }

    @Test func aStreamThatGaveNothingForAWhileIsQuiet() {
        var focus = ReadFocus()
        let seats = seats(100)
        focus.lookedAtAll(100, foundNothing: false, at: start)
        focus.served([7], at: start)
        #expect(focus.plan(seats, first: 0, at: start + ReadFocus.memory).quiet.count == 100)
    }

    @Test func whenAllAreBusyAllAreRead() {
        var focus = ReadFocus()
        let seats = seats(100)
        focus.served(Array(0..<100), at: start)
        let plan = focus.plan(seats, first: 3, at: start)
        #expect((plan.quiet.count, plan.busy.count, plan.busy.first) == (0, 100, 3))
        #expect(plan.next == .distantFuture)
    }

    @Test func whatIsLostIsNotRead() {
        var focus = ReadFocus()
        var seats = seats(100)
        seats[1].lose(at: start)
        seats[7].lose(at: start)
        focus.served([7, 8], at: start)
        let plan = focus.plan(seats, first: 0, at: start)
        #expect((plan.quiet.count, plan.busy) == (97, [8]))
    }
}
