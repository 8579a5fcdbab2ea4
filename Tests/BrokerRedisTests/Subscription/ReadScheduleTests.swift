// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// Which of many streams are read.
@Suite struct ReadScheduleTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func memberships(_ count: Int) -> MembershipTable {
        MembershipTable((0..<count).map { Membership(StreamName("s\($0)"), group: "g", keys: RedisKeys(), epoch: 1) })
    }

    @Test func fewStreamsAreAllReadEachTime() {
        var readSchedule = ReadSchedule()
        readSchedule.gotMessages(from: [3], at: start)
        #expect(
            readSchedule.plan(memberships(ReadSchedule.few), first: 0, at: start).memberships.count == ReadSchedule.few)
    }

    @Test func withNoBusyStreamAllAreRead() {
        var readSchedule = ReadSchedule()
        let plan = readSchedule.plan(memberships(1000), first: 0, at: start)
        #expect((plan.quiet.count, plan.busy.count, plan.next) == (1000, 0, .distantFuture))
    }

    @Test func whileSomeAreBusyTheOthersWaitForTheirTurn() {
        var readSchedule = ReadSchedule()
        let memberships = memberships(1000)
        readSchedule.didReadAll(1000, foundNothing: false, at: start)
        readSchedule.gotMessages(from: [7, 500], at: start)
        let plan = readSchedule.plan(memberships, first: 0, at: start)
        #expect((plan.quiet, Set(plan.busy)) == ([], [7, 500]))
        #expect(plan.next == start + ReadSchedule.pausePerStream * 1000)
        let turn = readSchedule.plan(memberships, first: 0, at: plan.next)
        #expect((turn.quiet.count, turn.busy.count, turn.next) == (998, 2, .distantFuture))
    }

    @Test func aPassOverTheQuietOnesGoesOnWhereItStoppedAndEnds() {
        var readSchedule = ReadSchedule()
        let memberships = memberships(1000)
        readSchedule.gotMessages(from: [7], at: start)
        var seen: Set<Int> = []
        for _ in 0..<10 {
            let plan = readSchedule.plan(memberships, first: 0, at: start)
            let count = min(100, plan.quiet.count)
            #expect(seen.isDisjoint(with: plan.quiet.prefix(count)))
            seen.formUnion(plan.quiet.prefix(count))
            readSchedule.didRead(count, of: plan, taking: .milliseconds(1), at: start)
        }
        #expect(seen == Set(0..<1000).subtracting([7]))
        let plan = readSchedule.plan(memberships, first: 0, at: start)
        #expect((plan.quiet, plan.busy) == ([], [7]))
        #expect(plan.next == start + .milliseconds(200), "ten reads of a millisecond, and twenty times as long")
    }

    @Test func aStreamThatGaveNothingForAWhileIsQuiet() {
        var readSchedule = ReadSchedule()
        let memberships = memberships(100)
        readSchedule.didReadAll(100, foundNothing: false, at: start)
        readSchedule.gotMessages(from: [7], at: start)
        #expect(readSchedule.plan(memberships, first: 0, at: start + ReadSchedule.memory).quiet.count == 100)
    }

    @Test func aStreamThatGaveAllItWasAskedForStaysBusyUntilItsNextTurn() {
        var readSchedule = ReadSchedule()
        let memberships = memberships(100)
        readSchedule.didReadAll(100, foundNothing: false, at: start)
        readSchedule.gotMessages(from: [7, 8], at: start)
        readSchedule.gotAll(from: [7], of: [7, 8])
        let later = start + .seconds(5)
        let busy = readSchedule.plan(memberships, first: 0, at: later).busy
        readSchedule.gotAll(from: [], of: [7])
        #expect((busy, readSchedule.plan(memberships, first: 0, at: later).busy) == ([7], []))
    }

    @Test func whenAllAreBusyAllAreRead() {
        var readSchedule = ReadSchedule()
        let memberships = memberships(100)
        readSchedule.gotMessages(from: Array(0..<100), at: start)
        let plan = readSchedule.plan(memberships, first: 3, at: start)
        #expect((plan.quiet.count, plan.busy.count, plan.busy.first) == (0, 100, 3))
        #expect(plan.next == .distantFuture)
    }

    @Test func whatIsLostIsNotRead() {
        var readSchedule = ReadSchedule()
        var memberships = memberships(100)
        memberships[1].lose(at: start)
        memberships[7].lose(at: start)
        readSchedule.gotMessages(from: [7, 8], at: start)
        let plan = readSchedule.plan(memberships, first: 0, at: start)
        #expect((plan.quiet.count, plan.busy) == (97, [8]))
    }
}
