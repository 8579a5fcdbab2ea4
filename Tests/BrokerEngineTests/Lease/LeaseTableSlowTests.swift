// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// When it is told that a handler runs for long.
@Suite struct LeaseTableSlowTests {
    /// Does what is due until `end`, extends what is to be extended, and returns when handlers were told to be slow.
    private func slow(_ table: inout LeaseTable, until end: Duration) -> [Duration] {
        var now = Instant.start
        var told: [Duration] = []
        while now <= .after(end) {
            let work = table.tick(now: now)
            told += work.slow.map(\.running)
            _ = table.extended(work.extend, work.extend.map { _ in .done }, asked: now)
            now = work.next
        }
        return told
    }

    @Test func aHandlerIsToldAfterThreeVisibilitiesAndThenEverMoreRarely() throws {
        var table = LeaseTable()
        _ = try table.beginOne()
        #expect(slow(&table, until: .seconds(1000)) == [90, 180, 360, 720].map { .seconds($0) })
    }

    @Test func aShortLimitIsKeptBetweenHeartbeats() throws {
        var table = LeaseTable(warnAfter: .seconds(1))
        _ = table.tick(now: .start)
        let held = try table.admitOne()
        let begun = table.begin(held.slot, on: .first, now: .after(.milliseconds(500)))
        #expect(begun != nil)
        #expect(slow(&table, until: .milliseconds(9400)) == [1, 2, 4, 8].map { .seconds($0) })
    }

    @Test func aHandlerThatEndsInTimeIsNotTold() throws {
        var table = LeaseTable(warnAfter: .seconds(5))
        let held = try table.beginOne()
        _ = table.tick(now: .after(.seconds(4)))
        _ = try table.endOne(held, at: .after(.seconds(4)))
        #expect(table.tick(now: .after(.seconds(5))).slow.isEmpty)
        #expect(table.tick(now: .after(.seconds(20))).slow.isEmpty)
    }

    @Test func aProcessThatStoodStillTellsOnceHowLongItWas() throws {
        var table = LeaseTable(warnAfter: .seconds(1))
        _ = try table.beginOne()
        #expect(table.tick(now: .after(.seconds(25))).slow.map(\.running) == [.seconds(25)])
        #expect(table.tick(now: .after(.seconds(26))).slow.isEmpty)
        #expect(table.tick(now: .after(.seconds(32))).slow.map(\.running) == [.seconds(32)])
    }

    @Test func theNextAttemptIsCountedAnew() throws {
        var table = LeaseTable(warnAfter: .seconds(2))
        let held = try table.beginOne()
        #expect(table.tick(now: .after(.seconds(2))).slow.count == 1)
        _ = try table.endOne(held, at: .after(.seconds(3)), failed: true)
        let renewed = Decision(held, Verdict(.renew, resumeAfter: .zero))
        _ = table.apply(.renewed(held.receipt.renewed), of: renewed, at: .after(.seconds(3)))
        #expect(table.tick(now: .after(.seconds(3))).resume == [held.slot])
        let begun = table.begin(held.slot, on: .first, now: .after(.seconds(3)))
        #expect(begun != nil)
        #expect(table.tick(now: .after(.seconds(5))).slow.map(\.running) == [.seconds(2)])
    }

    @Test func aBatchIsToldOnce() throws {
        var table = LeaseTable(warnAfter: .seconds(5), cancelsOnLoss: false)
        for number in 1...3 { _ = try table.beginOne(.scripted(UInt64(number))) }
        _ = try table.beginOne(.scripted(4), on: .second)
        #expect(table.tick(now: .after(.seconds(5))).slow.map(\.lease.runner) == [.first, .second])
    }
}
