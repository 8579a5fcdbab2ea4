// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

/// Retries in place, for which the keeper does not look at every lease.
@Suite struct LeaseTableResumeTests {
    @Test func whatWaitsGoesOnInTheOrderOfItsTimes() throws {
        var table = LeaseTable()
        let late = try table.waitOne(.scripted(1), on: .first, for: .seconds(2))
        let soon = try table.waitOne(.scripted(2), on: .second, for: .seconds(1))
        #expect(table.tick(now: .start).next == .after(.seconds(1)))
        #expect(table.tick(now: .after(.milliseconds(999))).resume.isEmpty)
        #expect(table.tick(now: .after(.seconds(3))).resume == [soon, late])
        #expect(table.tick(now: .after(.seconds(3))).resume.isEmpty)
        #expect(table.tick(now: .after(.seconds(3))).next == .after(.seconds(10)))
    }

    @Test func aRetryInPlaceHidesNoDeadline() throws {
        var table = LeaseTable(timeout: .seconds(5))
        _ = try table.waitOne(.scripted(1), on: .first, for: .seconds(1))
        _ = table.tick(now: .start)
        // The keeper looks at 1 s anyway, so that this deadline needs no earlier one.
        let held = try table.admitOne(.scripted(2))
        let begun = table.begin(held.slot, on: .second, now: .start)
        #expect(begun?.isEarlier == false)
        #expect(table.tick(now: .after(.seconds(1))).next == .after(.seconds(5)))
        #expect(table.tick(now: .after(.seconds(5))).cancel.map(\.runner) == [.second])
    }

    @Test func aRenewalThatCameLateHidesNoEndOfItsLease() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.endOne(held, failed: true)
        _ = table.tick(now: .after(.seconds(10)))
        _ = table.tick(now: .after(.seconds(20)))
        let renewed = Settlement.Action.renew
        let decision = Decision(held, Verdict(renewed, resumeAfter: .seconds(60)))
        let sent = Settlement(held.receipt, renewed)
        _ = table.apply(
            [.renewed(held.receipt.renewed)], of: [sent], for: [decision], asked: .start,
            now: .after(.seconds(29)))
        #expect(table.tick(now: .after(.seconds(29))).next == .after(.seconds(30)))
        #expect(table.tick(now: .after(.seconds(30))).lost.map(\.slot) == [held.slot])
    }

    @Test func whatIsHandedBackDoesNotGoOn() throws {
        var table = LeaseTable()
        let slot = try table.waitOne(.scripted(1), on: .first, for: .seconds(1))
        #expect(table.withdraw(slot, now: .start)?.pause == .seconds(1))
        let work = table.tick(now: .after(.seconds(1)))
        #expect(work.resume.isEmpty)
        #expect(work.next == .after(.seconds(10)))
    }

    @Test func anotherMessageInTheSameSlotDoesNotGoOnForTheFirst() throws {
        var table = LeaseTable()
        let slot = try table.waitOne(.scripted(1), on: .first, for: .seconds(1))
        table.handBack(slot)
        let other = try table.waitOne(.scripted(2), on: .second, for: .seconds(2))
        #expect(other.index == slot.index)
        #expect(table.tick(now: .after(.seconds(1))).resume.isEmpty)
        #expect(table.tick(now: .after(.seconds(2))).resume == [other])
    }

    @Test func thousandsOfRetriesThatWereCalledOffLeaveTheOthersInOrder() throws {
        var table = LeaseTable()
        let stays = try table.waitOne(.scripted(1), on: .first, for: .seconds(9))
        for number in UInt64(2)...2000 {
            let slot = try table.waitOne(.scripted(number), on: .second, for: .seconds(5))
            table.handBack(slot)
        }
        #expect(table.held == 1)
        #expect(table.tick(now: .after(.seconds(5))).resume.isEmpty)
        #expect(table.tick(now: .after(.seconds(9))).resume == [stays])
    }
}

extension LeaseTable {
    /// Admits one message, whose handler asks for a retry in place at once; returns its slot.
    fileprivate mutating func waitOne(
        _ message: InboundMessage, on runner: RunnerID, for pause: Duration
    ) throws -> Slot {
        let held = try beginOne(message, on: runner)
        let decision = Decision(held, Verdict(.renew, resumeAfter: pause))
        _ = try endOne(held, by: runner, failed: true)
        _ = apply(.renewed(held.receipt.renewed), of: decision)
        return held.slot
    }

    /// Hands a message back that no handler has.
    fileprivate mutating func handBack(_ slot: Slot) {
        guard let withdrawn = withdraw(slot, now: .start) else { return }
        _ = apply(.done, of: Decision(handingBack: withdrawn))
    }
}
