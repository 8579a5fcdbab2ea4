// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct LeaseQuotaTests {
    @Test(arguments: [(3, 1), (4, 1), (5, 2), (8, 2), (9, 3), (64, 16)])
    func expiredAndDueMayTakeAQuarterEachRoundedUp(room: Int, share: Int) {
        let quota = LeaseQuota(room: room)
        #expect(!quota.isByTurns)
        #expect(LeaseSource.allCases.map(quota.share) == [share, share, room])
        #expect(2 * share < room, "something is left for new messages")
    }

    @Test(arguments: [1, 2]) func withRoomForOneOrTwoTheSourcesTakeTurns(room: Int) {
        #expect(LeaseQuota(room: room).isByTurns)
    }

    @Test func expiredAndDueDivideEvenlyWhatIsLeft() {
        let quota = LeaseQuota(room: 5)
        #expect(quota.evenly(hasExpired: true, hasDue: true) == (2, 3))
        #expect(quota.evenly(hasExpired: true, hasDue: false) == (5, 0))
        #expect(quota.evenly(hasExpired: false, hasDue: true) == (0, 5))
        #expect(quota.evenly(hasExpired: false, hasDue: false) == (0, 0))
    }

    @Test func turnsGoOnInTheNextCallWhereTheyEnded() {
        var turns = LeaseQuota.Turns()
        let firsts = (0..<4).map { _ in
            turns.begin()
            defer { turns.served() }
            return turns.next()
        }
        #expect(firsts == [.new, .expired, .due, .new])
    }

    @Test func aCallEndsWhenEverySourceInARowHasNothing() {
        var turns = LeaseQuota.Turns()
        #expect([turns.next(), turns.next()] == [.new, .expired])
        turns.served()
        #expect((0..<4).map { _ in turns.next() } == [.due, .new, .expired, nil])
        turns.begin()
        #expect(turns.next() == .due, "the turn of no source is lost")
    }
}
