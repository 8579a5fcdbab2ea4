// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct LeaseTableKeepingTests {
    @Test func extendsWhatIsBufferedRunningWaitingAndDecided() throws {
        var table = LeaseTable()
        _ = try table.admitOne(.scripted(1))
        _ = try table.beginOne(.scripted(2), on: .first)
        let waiting = try table.beginOne(.scripted(3), on: .second)
        _ = table.end(waiting.slot, by: .second, succeeded: false, now: .start)
        let renewal = Decision(waiting, Verdict(.renew, resumeAfter: .seconds(60)))
        _ = table.apply(.renewed(waiting.receipt.renewed), of: renewal)
        let decided = try table.beginOne(.scripted(4), on: .second)
        _ = table.end(decided.slot, by: .second, succeeded: true, now: .start)
        #expect(table.tick(now: .after(.seconds(9))).extend.isEmpty)
        #expect(table.tick(now: .after(.seconds(10))).extend.map(\.receipt.id.milliseconds) == [1, 2, 3, 4])
    }

    @Test func leavesFreshLeasesToTheNextHeartbeat() throws {
        var table = LeaseTable()
        _ = try table.admitOne(.scripted(1), at: .after(.seconds(6)))
        #expect(table.tick(now: .after(.seconds(10))).extend.isEmpty)
        #expect(table.tick(now: .after(.seconds(20))).extend.count == 1)
    }

    @Test func anExtensionCountsFromWhenItWasAskedFor() throws {
        var table = LeaseTable()
        let held = try table.admitOne()
        _ = table.extended([(held.slot, held.receipt)], [.done], asked: .after(.seconds(10)))
        #expect(table.lease(held.slot)?.expires == .after(.seconds(40)))
    }

    @Test func aHeartbeatThatFailedIsRepeatedSoon() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        #expect(table.tick(now: .after(.seconds(10))).extend.map(\.slot) == [held.slot])
        table.heartbeatFailed(now: .after(.seconds(15)))
        let early = table.tick(now: .after(.seconds(16)))
        #expect(early.extend.isEmpty)
        #expect(early.next == .after(.milliseconds(17_500)))
        #expect(table.tick(now: .after(.milliseconds(17_500))).extend.map(\.slot) == [held.slot])
    }

    @Test func aHeartbeatThatFailedPutsNoneOff() throws {
        var table = LeaseTable()
        _ = try table.beginOne()
        _ = table.tick(now: .after(.seconds(10)))
        table.heartbeatFailed(now: .after(.seconds(19)))
        #expect(table.tick(now: .after(.seconds(19))).next == .after(.seconds(20)))
    }

    @Test func aLeaseThatRanOutIsLostAndItsHandlerCancelled() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        #expect(table.tick(now: .after(.milliseconds(29_999))).lost.isEmpty)
        let work = table.tick(now: .after(.seconds(30)))
        #expect(work.lost.map(\.slot) == [held.slot])
        #expect(work.cancel.map(\.runner) == [.first])
        #expect(work.cancel.map(\.cause) == [.leaseLost])
        #expect(work.extend.isEmpty)
    }

    @Test func aLostLeaseCancelsItsHandlerOnce() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        let answer = table.extended([(held.slot, held.receipt)], [.lost], asked: .after(.seconds(10)))
        #expect(answer.lost.map(\.slot) == [held.slot])
        let first = table.tick(now: .after(.seconds(10)))
        let second = table.tick(now: .after(.seconds(11)))
        #expect((first.cancel + second.cancel).map(\.runner) == [.first])
    }

    @Test func whileALeaseIsInDoubtNoneIsLostBeforeTheProviderWasAskedAboutAll() throws {
        var table = LeaseTable()
        let gone = try table.beginOne(.scripted(1), on: .first)
        let taken = try table.beginOne(.scripted(2), on: .second)
        let asked = Instant.after(.seconds(10))
        let answer = table.extended(
            [(taken.slot, taken.receipt), (gone.slot, gone.receipt)], [.lost, .settled], asked: asked)
        #expect(answer.lost.isEmpty)
        let doubted = table.takeDoubts(now: asked)
        #expect(doubted.map(\.receipt) == [gone.receipt, taken.receipt])
        let compared = table.restored(doubted, [.settled, .lost], asked: asked)
        #expect((compared.lost.map(\.slot), compared.settled) == ([taken.slot], [gone.slot]))
        #expect(table.tick(now: asked).cancel.map(\.runner) == [.second])
    }

    @Test func aLostLeaseOfABatchLetsItGoOn() throws {
        var table = LeaseTable(cancelsOnLoss: false)
        let held = try table.beginOne()
        let answer = table.extended([(held.slot, held.receipt)], [.lost], asked: .start)
        #expect(answer.lost.count == 1)
        #expect(table.tick(now: .after(.seconds(60))).cancel.isEmpty)
    }

    @Test func aMissingEntryLetsItsHandlerFinish() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        let answer = table.extended([(held.slot, held.receipt)], [.missing], asked: .start)
        #expect(answer.missing.map(\.lease.receipt) == [held.receipt])
        #expect(table.tick(now: .after(.seconds(60))).cancel.isEmpty)
        #expect(table.end(held.slot, by: .first, succeeded: true, now: .after(.seconds(61)))?.mustDecide == false)
        #expect(table.held == 0)
    }

    @Test func anAnswerAboutAnOlderLeaseSaysNothing() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.admit([.scripted(1, attempt: 2, token: 2, origin: .expired)], now: .start)
        let answer = table.extended([(held.slot, held.receipt)], [.lost], asked: .start)
        #expect(answer.lost.isEmpty)
        #expect(table.lease(held.slot)?.status == .held)
    }

    @Test func aDeadlineCancelsOnlyItsOwnHandler() throws {
        var table = LeaseTable(timeout: .seconds(5))
        _ = try table.beginOne(.scripted(1), on: .first)
        _ = try table.beginOne(.scripted(2), on: .second, at: .after(.seconds(2)))
        let work = table.tick(now: .after(.seconds(5)))
        #expect(work.cancel.map(\.runner) == [.first])
        #expect(work.cancel.map(\.cause) == [.deadline])
        #expect(work.next == .after(.seconds(7)))
    }

    @Test func aHandlerThatIgnoresItsDeadlineIsWrittenOffAndDecidedAbout() throws {
        var table = LeaseTable(timeout: .seconds(5))
        let held = try table.beginOne()
        #expect(table.tick(now: .after(.seconds(5))).next == .after(.seconds(10)))
        let work = table.tick(now: .after(.seconds(10)))
        #expect(work.writtenOff.map(\.slot) == [held.slot])
        #expect(work.writtenOff.map(\.mustDecide) == [true])
        #expect(table.end(held.slot, by: .first, succeeded: true, now: .after(.seconds(11))) == nil)
        _ = table.apply(.done, of: Decision(held, Verdict(.retry(after: .zero))))
        #expect(table.held == 0)
    }

    @Test func whatHasDecidedItselfIsWrittenOffWithoutADecision() throws {
        var table = LeaseTable(timeout: .seconds(5))
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: true)
        _ = table.apply(.done, of: Decision(held, Verdict(.ack)))
        _ = table.tick(now: .after(.seconds(5)))
        #expect(table.tick(now: .after(.seconds(10))).writtenOff.map(\.mustDecide) == [false])
        #expect(table.held == 0)
    }

    // Lost, then leased again by the same consumer, while the handler ignored its cancellation.
    @Test func aHandlerThatIgnoresALostLeaseIsDecidedAboutIfTheLeaseIsOursAgain() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.tick(now: .after(.seconds(30)))
        _ = table.admit([.scripted(1, attempt: 2, token: 2, origin: .expired)], now: .after(.seconds(31)))
        let work = table.tick(now: .after(.seconds(35)))
        #expect(work.writtenOff.map(\.mustDecide) == [true])
        #expect(table.currentReceipt(of: Decision(held, Verdict(.ack))).token == 2)
        _ = table.apply(.done, of: Decision(held, Verdict(.release(after: .zero))))
        #expect(table.held == 0)
    }

    // The written-off delivery had settled itself, and the same entry was leased again meanwhile.
    @Test func whatWaitsForAWrittenOffDeliveryIsHandedOver() throws {
        var table = LeaseTable(timeout: .seconds(5))
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        _ = table.apply(.done, of: Decision(held, Verdict(.retry(after: .zero))))
        _ = table.admit([.scripted(1, attempt: 2, token: 2, origin: .retry)], now: .start)
        _ = table.tick(now: .after(.seconds(5)))
        let work = table.tick(now: .after(.seconds(10)))
        let successor = try #require(work.successors.first)
        #expect(table.lease(successor.slot)?.attempt == 2)
        #expect(table.begin(successor.slot, on: .second, now: .after(.seconds(10)))?.attempt == 2)
        #expect(table.held == 1)
    }

    @Test func theEndOfADrainCancelsEveryHandlerAndKeepsTheLeaseOfWhatIgnoresIt() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        table.cancelAll(from: .after(.seconds(3)))
        #expect(table.tick(now: .after(.seconds(2))).cancel.isEmpty)
        #expect(table.tick(now: .after(.seconds(3))).cancel.map(\.cause) == [.shutdown])
        let work = table.tick(now: .after(.seconds(8)))
        #expect(work.writtenOff.map(\.mustDecide) == [false])
        #expect(table.lease(held.slot)?.stage == .running)
        #expect(table.tick(now: .after(.seconds(20))).writtenOff.isEmpty)
    }

    @Test func whatWaitsInItsLaneAndIsLostIsTakenOutOfIt() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = table.end(held.slot, by: .first, succeeded: false, now: .start)
        let receipt = held.receipt.renewed
        _ = table.apply(.renewed(receipt), of: Decision(held, Verdict(.renew, resumeAfter: .seconds(60))))
        _ = table.extended([(held.slot, receipt)], [.lost], asked: .after(.seconds(10)))
        #expect(table.tick(now: .after(.seconds(10))).resume == [held.slot])
        #expect(table.begin(held.slot, on: .first, now: .after(.seconds(10))) == nil)
        #expect(table.refuse(held.slot) == nil)
        #expect(table.held == 0)
    }

    @Test func aProcessWhosePoolIsDeadLetsGoOfWhatIsPastItsDeadline() throws {
        var table = LeaseTable(timeout: .seconds(12))
        let overdue = try table.beginOne(.scripted(1), on: .first)
        let early = try table.beginOne(.scripted(2), on: .second, at: .after(.seconds(9)))
        let buffered = try table.admitOne(.scripted(3), at: .after(.seconds(9)))
        func extended(at seconds: Int, seen: Int) -> [Slot] {
            let now = Instant.after(.seconds(seconds))
            let leased = table.tick(now: now, poolSeen: .after(.seconds(seen))).extend
            _ = table.extended(leased, leased.map { _ in .done }, asked: now)
            return leased.map(\.slot)
        }
        #expect(extended(at: 10, seen: 0) == [overdue.slot], "before its deadline")
        #expect(extended(at: 20, seen: 0) == [overdue.slot, early.slot, buffered.slot], "seen within a visibility")
        #expect(extended(at: 31, seen: 0) == [buffered.slot])
        #expect(table.lease(overdue.slot)?.status == .deciding)
        #expect(table.lease(overdue.slot)?.expires == .after(.seconds(50)))
        #expect(extended(at: 42, seen: 41) == [overdue.slot, early.slot, buffered.slot], "the pool has come back")
    }

    @Test func whatIsDecidedAndNotSettledIsLetGoTooWhenThePoolIsDead() throws {
        var table = LeaseTable(timeout: .seconds(12))
        let held = try table.beginOne()
        _ = try table.endOne(held, at: .after(.seconds(5)), failed: true)
        #expect(table.tick(now: .after(.seconds(10)), poolSeen: .start).extend.map(\.slot) == [held.slot])
        #expect(table.tick(now: .after(.seconds(31)), poolSeen: .start).extend.isEmpty)
        #expect(table.tick(now: .after(.seconds(42)), poolSeen: .after(.seconds(41))).extend.map(\.slot) == [held.slot])
    }

    @Test func whatNoHandlerWillBeginIsHandedBackWhenThePoolIsDead() throws {
        var table = LeaseTable(timeout: .seconds(100))
        let running = try table.beginOne(.scripted(1), on: .first)
        let buffered = try table.admitOne(.scripted(2))
        func withdrawn(at seconds: Int, seen: Int, handsBack: Bool = true) -> [Slot] {
            let now = Instant.after(.seconds(seconds))
            let work = table.tick(now: now, poolSeen: .after(.seconds(seen)), handsBack: handsBack)
            _ = table.extended(work.extend, work.extend.map { _ in .done }, asked: now)
            return work.withdrawn.map(\.slot)
        }
        #expect(withdrawn(at: 10, seen: 0).isEmpty)
        #expect(withdrawn(at: 20, seen: 0).isEmpty, "seen within a visibility")
        #expect(withdrawn(at: 31, seen: 0, handsBack: false).isEmpty, "nobody could settle it")
        #expect(withdrawn(at: 42, seen: 0) == [buffered.slot])
        #expect(table.lease(running.slot)?.status == .held)
        #expect(withdrawn(at: 53, seen: 0).isEmpty, "once")
    }
}
