// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct LeaseTableHandlingTests {
    @Test func aHandlerThatReturnsLeavesTheDecisionToTheLane() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        let ended = try table.endOne(held, at: .after(.seconds(2)))
        #expect(ended.mustDecide)
        #expect(ended.duration == .seconds(2))
        #expect(table.held == 1, "a message is held until its settlement is answered")
    }

    @Test func aVerbDecidesOnce() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: true)
        #expect(code(of: { _ = try table.decide(held.slot, isSuccess: true) }) == .alreadySettled)
        #expect(table.end(held.slot, by: .first, succeeded: true, now: .start)?.mustDecide == false)
    }

    @Test func aVerbIsTooLateOnceTheHandlerHasEnded() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.end(held.slot, by: .first, succeeded: true, now: .start)
        #expect(code(of: { _ = try table.decide(held.slot, isSuccess: true) }) == .alreadySettled)
    }

    @Test func onlyAnAckIsTakenAfterTheLeaseWasLost() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.tick(now: .after(.seconds(30)))
        #expect(code(of: { _ = try table.decide(held.slot, isSuccess: false) }) == .leaseLost)
        _ = try table.decide(held.slot, isSuccess: true)
        #expect(table.lease(held.slot)?.status == .deciding)
    }

    @Test func aHandlerThatSucceedsAfterALostLeaseAcknowledges() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.tick(now: .after(.seconds(30)))
        #expect(table.end(held.slot, by: .first, succeeded: true, now: .after(.seconds(31)))?.mustDecide == true)
    }

    @Test func aHandlerThatFailsAfterALostLeaseDecidesNothing() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.tick(now: .after(.seconds(30)))
        #expect(table.end(held.slot, by: .first, succeeded: false, now: .after(.seconds(31)))?.mustDecide == false)
        #expect(table.held == 0)
    }

    // The handler asked for a retry, whose answer was "lost"; that it then returned is no success.
    @Test(arguments: [Verdict(.retry(after: .zero)), Verdict(.renew, resumeAfter: .zero)])
    func aHandlerThatReturnsAfterItsOwnVerbWasLostAcknowledgesNothing(_ verdict: Verdict) throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        if verdict.resumeAfter != nil { table.waitInLane(held.slot, until: .start) }
        _ = table.apply(.lost, of: Decision(held, verdict))
        #expect(code(of: { _ = try table.decide(held.slot, isSuccess: true) }) == .alreadySettled)
        #expect(table.end(held.slot, by: .first, succeeded: true, now: .start)?.mustDecide == false)
        #expect(table.held == 0)
    }

    @Test func aMessageWhoseLeaseIsLostIsNotBegun() throws {
        var table = LeaseTable()
        let held = try table.admitOne()
        _ = table.tick(now: .after(.seconds(30)))
        #expect(table.begin(held.slot, on: .first, now: .after(.seconds(30))) == nil)
        #expect(table.refuse(held.slot) == nil, "it has been told")
        #expect(table.held == 0)
    }

    /// A process that stood still begins before its keeper looks.
    @Test func aMessageWhoseLeaseHasRunOutUnnoticedIsLostAndNotBegun() throws {
        var table = LeaseTable()
        let held = table.admit([.scripted(1), .scripted(2)], now: .start)
        #expect(table.begin(held[0].slot, on: .first, now: .after(.milliseconds(29_999))) != nil)
        #expect(table.begin(held[1].slot, on: .second, now: .after(.seconds(30))) == nil)
        #expect(table.refuse(held[1].slot)?.receipt == held[1].receipt)
        #expect(table.held == 1)
        #expect(table.tick(now: .after(.seconds(30))).lost.map(\.slot) == [held[0].slot], "it was told once")
    }

    @Test func theEndOfAnotherRunnerIsStale() throws {
        var table = LeaseTable()
        let held = try table.beginOne(on: .first)
        #expect(table.end(held.slot, by: .second, succeeded: true, now: .start) == nil)
        #expect(table.lease(held.slot)?.stage == .running)
    }

    @Test func theKeeperIsToldOfADeadlineThatComesBeforeItLooks() throws {
        var table = LeaseTable(timeout: .seconds(4))
        _ = table.tick(now: .start)
        let held = table.admit([.scripted(1), .scripted(2)], now: .start)
        #expect(table.begin(held[0].slot, on: .first, now: .start)?.isEarlier == true)
        #expect(table.begin(held[1].slot, on: .second, now: .after(.seconds(1)))?.isEarlier == false)
    }

    @Test func aRetryInPlaceThatAVerbAskedForWaitsFromTheEndOfItsHandler() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        table.waitInLane(held.slot, until: .after(.seconds(2)))
        let decision = Decision(held, Verdict(.renew, resumeAfter: .seconds(2)))
        _ = table.apply(.renewed(held.receipt.renewed), of: decision)
        #expect(table.tick(now: .after(.seconds(3))).resume.isEmpty, "its handler still runs")
        let ended = try table.endOne(held, at: .after(.seconds(4)))
        #expect(ended.staysInLane && !ended.mustDecide)
        #expect(table.tick(now: .after(.seconds(4))).resume == [held.slot])
        #expect(table.begin(held.slot, on: .first, now: .after(.seconds(4)))?.attempt == 2)
    }

    @Test func whatWasNeverRunIsWithdrawnOnce() throws {
        var table = LeaseTable()
        let held = try table.admitOne()
        #expect(table.withdraw(held.slot, now: .start)?.receipt == held.receipt)
        #expect(table.withdraw(held.slot, now: .start) == nil)
        #expect(table.held == 1, "a message is held until its settlement is answered")
    }

    @Test func aRetryInPlaceThatIsWithdrawnKeepsWhatIsLeftOfItsDelay() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        #expect(try table.endOne(held, failed: true).mustDecide)
        let renewed = held.receipt.renewed
        _ = table.apply(.renewed(renewed), of: Decision(held, Verdict(.renew, resumeAfter: .seconds(9))))
        let withdrawn = try #require(table.withdrawAll(now: .after(.seconds(4))).first)
        #expect(withdrawn.receipt == renewed && withdrawn.attempt == 2)
        #expect(withdrawn.pause == .seconds(5))
    }

    /// The drain takes it from its lane while the renewal is under way.
    @Test func aRetryInPlaceThatIsWithdrawnBeforeItIsOnRecordKeepsItsDelay() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        table.waitInLane(held.slot, until: .after(.seconds(9)))
        #expect(try table.endOne(held).staysInLane)
        #expect(table.withdraw(held.slot, now: .after(.seconds(1))) == nil)
        let decision = Decision(held, Verdict(.renew, resumeAfter: .seconds(9)))
        _ = table.apply(.renewed(held.receipt.renewed), of: decision, at: .after(.seconds(2)))
        #expect(table.withdrawAll(now: .after(.seconds(3))).map(\.pause) == [.seconds(6)])
    }

    @Test func aRetryInPlaceThatIsDueIsWithdrawnWithoutDelay() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.endOne(held, failed: true)
        let decision = Decision(held, Verdict(.renew, resumeAfter: .seconds(2)))
        _ = table.apply(.renewed(held.receipt.renewed), of: decision)
        _ = table.tick(now: .after(.seconds(2)))
        #expect(table.withdrawAll(now: .after(.seconds(2))).map(\.pause) == [.zero])
    }

    @Test func whatIsInAHandlerIsNotWithdrawn() throws {
        var table = LeaseTable()
        let running = try table.beginOne()
        let buffered = try table.admitOne(.scripted(2))
        #expect(table.withdraw(running.slot, now: .start) == nil)
        #expect(table.withdrawAll(now: .start).map(\.slot) == [buffered.slot])
    }

    /// Else the memory of the message would be freed under the lock of the table, by whoever applies its outcome.
    @Test func aMessageWhoseHandlerHasEndedIsKeptByNobody() throws {
        let body = Payload(storage: [UInt8](repeating: 0, count: 256 << 10), window: 0..<100)
        var table = LeaseTable()
        let running = try table.beginOne(.scripted(1, payload: body))
        #expect(table.takeSharing([running.slot]).count == 1)
        let ended = try table.beginOne(.scripted(2, payload: body))
        _ = try table.endOne(ended)
        #expect(table.held == 2)
        #expect(table.takeSharing([ended.slot]).isEmpty)
    }
}

/// The code of the broker error that a call throws.
func code(of call: () throws -> Void) -> BrokerError.Code? {
    do {
        try call()
        return nil
    } catch {
        return (error as? BrokerError)?.code
    }
}

/// The text of the error that a call throws; empty if it throws none.
func text(of call: () throws -> Void) -> String {
    do {
        try call()
        return ""
    } catch {
        return "\(error)"
    }
}
