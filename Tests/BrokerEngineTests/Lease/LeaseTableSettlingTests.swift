// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct LeaseTableSettlingTests {
    /// A table with one message whose handler has ended and whose decision is on its way.
    private func decided(_ verdict: Verdict) throws -> (LeaseTable, Held, Decision) {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.end(held.slot, by: .first, succeeded: true, now: .start)
        return (table, held, Decision(held, verdict))
    }

    @Test(arguments: [SettlementOutcome.done, .deadLettered(.zero), .settled, .lost, .missing])
    func everyFinalOutcomeEndsTheMessage(_ outcome: SettlementOutcome) throws {
        var (table, _, decision) = try decided(Verdict(.ack))
        let applied = table.apply(outcome, of: decision)
        #expect(table.held == 0)
        #expect(applied.again.isEmpty && applied.refused.isEmpty && applied.dropped.isEmpty)
    }

    @Test(arguments: [SettlementOutcome.done, .refused(BrokerError(.server, "no"))])
    func whatAFlushTakesIsOnItsWayUntilItHasAnOutcome(_ outcome: SettlementOutcome) throws {
        var (table, _, decision) = try decided(Verdict(.ack))
        #expect(table.settling == 0)
        _ = table.beginFlush([decision])
        #expect(table.settling == 1)
        table.flushFailed()
        #expect(table.settling == 0)
        _ = table.beginFlush([decision])
        _ = table.apply(outcome, of: decision)
        #expect(table.settling == 0)
    }

    @Test func aRefusedSettlementKeepsItsMessageAndItsLease() throws {
        var (table, held, decision) = try decided(Verdict(.ack))
        let applied = table.apply(.refused(BrokerError(.server, "no")), of: decision)
        #expect(applied.refused.map(\.decision.slot) == [held.slot])
        #expect(table.held == 1)
        #expect(table.tick(now: .after(.seconds(10))).extend.map(\.slot) == [held.slot])
    }

    @Test func whatWasRenewedWaitsInItsLane() throws {
        var (table, held, decision) = try decided(Verdict(.renew, resumeAfter: .seconds(3)))
        let applied = table.apply(.renewed(held.receipt.renewed), of: decision, at: .after(.seconds(1)))
        #expect(applied.isEarlier)
        #expect(table.lease(held.slot)?.attempt == 2)
        #expect(table.tick(now: .after(.seconds(3))).resume.isEmpty)
        #expect(table.tick(now: .after(.seconds(4))).resume == [held.slot])
        #expect(table.begin(held.slot, on: .first, now: .after(.seconds(4))) != nil)
        #expect(table.lease(held.slot)?.receipt.token == 2)
    }

    @Test func aRetryInPlaceThatCannotBeIsDropped() throws {
        var (table, held, decision) = try decided(Verdict(.renew, resumeAfter: .seconds(3)))
        #expect(table.apply(.lost, of: decision).dropped == [held.slot])
        #expect(table.held == 0)
    }

    /// Its lane has gone on, so nobody would take it up again.
    @Test func aRetryInPlaceOfAWrittenOffDeliveryIsHandedBack() throws {
        var table = LeaseTable(timeout: .seconds(2))
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        table.waitInLane(held.slot, until: .after(.seconds(9)))
        _ = table.tick(now: .after(.seconds(2)))
        #expect(table.tick(now: .after(.seconds(7))).writtenOff.map(\.slot) == [held.slot])
        try expectHandedBack(held, in: &table)
    }

    /// A verb that another task called while the handler ended: the handler's end came between its two steps.
    @Test func aRetryInPlaceThatItsLaneDidNotLearnOfIsHandedBack() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        #expect(table.end(held.slot, by: .first, succeeded: true, now: .start)?.staysInLane == false)
        table.waitInLane(held.slot, until: .after(.seconds(9)))
        try expectHandedBack(held, in: &table)
    }

    private func expectHandedBack(_ held: Held, in table: inout LeaseTable) throws {
        let decision = Decision(held, Verdict(.renew, resumeAfter: .seconds(9)))
        let renewed = held.receipt.renewed
        let applied = table.apply(.renewed(renewed), of: decision, at: .after(.seconds(8)))
        #expect(table.tick(now: .after(.seconds(9))).resume.isEmpty)
        let release = try #require(applied.handBack.first)
        #expect(release.receipt == renewed)
        if case .release(after: .seconds(1)) = release.action {} else { Issue.record("\(release.action)") }
        #expect(table.apply(.done, of: release).again.isEmpty)
        #expect(table.held == 0)
    }

    /// Its server counts from when it renewed, which may be long before the answer is read.
    @Test func aRenewedLeaseIsCountedFromWhenItWasAskedFor() throws {
        var (table, held, decision) = try decided(Verdict(.renew, resumeAfter: .seconds(60)))
        _ = table.apply(
            [.renewed(held.receipt.renewed)], of: [Settlement(decision.receipt, decision.action)],
            for: [decision], asked: .after(.seconds(10)), now: .after(.seconds(35)))
        #expect(table.lease(held.slot)?.expires == .after(.seconds(40)))
    }

    @Test func aTakeoverWhileADecisionIsUnderWaySendsItAgain() throws {
        var (table, held, decision) = try decided(Verdict(.ack))
        let sent = Settlement(table.currentReceipt(of: decision), decision.action)
        _ = table.admit([.scripted(1, attempt: 2, token: 2, origin: .expired)], now: .start)
        let applied = table.apply([.lost], of: [sent], for: [decision], asked: .start, now: .start)
        #expect(applied.again.map(\.slot) == [held.slot])
        #expect(table.currentReceipt(of: decision).token == 2)
        _ = table.apply(.done, of: decision)
        #expect(table.held == 0)
    }

    @Test func anOutcomeThatComesTwiceEndsNothingElse() throws {
        var (table, _, decision) = try decided(Verdict(.ack))
        _ = table.apply(.done, of: decision)
        let next = try table.admitOne(.scripted(2))
        _ = table.apply(.done, of: decision)
        #expect(table.lease(next.slot)?.status == .held)
        #expect(table.held == 1)
    }

    @Test func theReceiptOfADecisionWhoseSlotIsUsedAgainIsItsOwn() throws {
        var (table, held, decision) = try decided(Verdict(.ack))
        _ = table.apply(.done, of: decision)
        _ = try table.admitOne(.scripted(2))
        #expect(table.currentReceipt(of: decision) == held.receipt)
    }

    @Test func aFlushCarriesNewestReceiptsAndNoVoidDecision() throws {
        var table = LeaseTable()
        let held = table.admit([.scripted(1), .scripted(2), .scripted(3)], now: .start)
        let decisions = try held.map { held in
            _ = table.begin(held.slot, on: .first, now: .start)
            _ = try table.endOne(held)
            return Decision(held, Verdict(.ack))
        }
        #expect(table.beginFlush(decisions).map(\.receipt) == held.map(\.receipt))
        _ = table.apply(.done, of: decisions[0])
        _ = table.admit([.scripted(3, attempt: 2, token: 2, origin: .expired)], now: .start)
        let current = table.beginFlush(decisions)
        #expect(current.map(\.slot) == [held[1].slot, held[2].slot])
        #expect(current.map(\.receipt.token) == [1, 2])
    }

    @Test func eachDecisionOfAFlushGetsItsOwnOutcome() {
        var table = LeaseTable()
        let held = table.admit([.scripted(1), .scripted(2)], now: .start)
        let decisions = held.map { held -> Decision in
            _ = table.begin(held.slot, on: .first, now: .start)
            _ = table.end(held.slot, by: .first, succeeded: true, now: .start)
            return Decision(held, Verdict(.ack))
        }
        let settlements = decisions.map { Settlement($0.receipt, $0.action) }
        let applied = table.apply(
            [.refused(BrokerError(.server, "no")), .done], of: settlements, for: decisions, asked: .start, now: .start)
        #expect(applied.refused.map(\.decision.slot) == [held[0].slot])
        #expect(table.lease(held[0].slot) != nil && table.lease(held[1].slot) == nil)
    }
}
