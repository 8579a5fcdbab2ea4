// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct LeaseTableTests {
    @Test func handsOverWhatIsNewInTheGivenOrder() {
        var table = LeaseTable()
        let held = table.admit([.scripted(1), .scripted(2), .scripted(3)], now: .start)
        #expect(held.map(\.receipt.id.milliseconds) == [1, 2, 3])
        #expect(table.held == 3)
    }

    @Test func anEntryInHandIsNotHandedOverAgain() throws {
        var table = LeaseTable()
        let held = try table.beginOne(.scripted(1, token: 1))
        #expect(table.admit([.scripted(1, attempt: 2, token: 2, origin: .expired)], now: .start).isEmpty)
        #expect(table.held == 1)
        #expect(table.lease(held.slot)?.receipt.token == 2)
        #expect(table.lease(held.slot)?.attempt == 2)
    }

    @Test func anEntryTwiceInOneReplyIsHandedOverOnce() {
        var table = LeaseTable()
        let held = table.admit(
            [.scripted(1), .scripted(1, attempt: 2, token: 2, origin: .expired), .scripted(2)], now: .start)
        #expect(held.map(\.receipt.id.milliseconds) == [1, 2])
    }

    @Test func anOlderLeaseOfAnEntryInHandIsIgnored() throws {
        var table = LeaseTable()
        let held = try table.beginOne(.scripted(1, attempt: 3, token: 3, origin: .retry))
        #expect(table.admit([.scripted(1, attempt: 2, token: 2, origin: .expired)], now: .start).isEmpty)
        #expect(table.lease(held.slot)?.receipt.token == 3)
    }

    @Test func theSameIDInALaterLifeOfTheGroupIsAnotherMessage() throws {
        var table = LeaseTable()
        _ = try table.beginOne(.scripted(1))
        var later = InboundMessage.scripted(1)
        later.receipt.epoch = 2
        #expect(table.admit([later], now: .start).count == 1)
    }

    @Test func theSameIDInAnotherStreamIsAnotherMessage() throws {
        var table = LeaseTable()
        _ = try table.beginOne(.scripted(1))
        #expect(table.admit([.scripted(1, stream: "others")], now: .start).count == 1)
    }

    @Test func aNewLeaseOfALostMessageMakesItOursAgain() throws {
        var table = LeaseTable(cancelsOnLoss: false)
        let held = try table.beginOne()
        _ = table.tick(now: .after(.seconds(31)))
        #expect(table.lease(held.slot)?.status == .lost)
        _ = table.admit([.scripted(1, attempt: 2, token: 2, origin: .expired)], now: .after(.seconds(32)))
        #expect(table.lease(held.slot)?.status == .held)
        #expect(table.lease(held.slot)?.expires == .after(.seconds(62)))
    }

    @Test func whatWasSettledByAVerbComesAgainOnlyAfterItsHandlerHasEnded() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        _ = table.apply(.done, of: Decision(held, Verdict(.retry(after: .zero))))
        #expect(table.admit([.scripted(1, attempt: 2, token: 2, origin: .retry)], now: .start).isEmpty)
        let ended = try table.endOne(held)
        #expect(!ended.mustDecide)
        let successor = try #require(ended.successor)
        #expect(table.lease(successor.slot)?.attempt == 2)
        #expect(table.begin(successor.slot, on: .first, now: .start)?.attempt == 2)
        #expect(table.held == 1)
    }

    @Test func whatWaitsForItsOwnEarlierDeliveryIsHeldAndExtended() throws {
        var table = LeaseTable()
        let held = try table.beginOne()
        _ = try table.decide(held.slot, isSuccess: false)
        _ = table.apply(.done, of: Decision(held, Verdict(.retry(after: .zero))))
        _ = table.admit([.scripted(1, attempt: 2, token: 2, origin: .retry)], now: .start)
        #expect(table.held == 2)
        #expect(table.tick(now: .after(.seconds(10))).extend.map(\.receipt.token) == [2])
        _ = table.admit([.scripted(1, attempt: 3, token: 3, origin: .expired)], now: .after(.seconds(40)))
        let ended = try table.endOne(held, at: .after(.seconds(41)))
        let successor = try #require(ended.successor)
        #expect(table.begin(successor.slot, on: .first, now: .after(.seconds(41)))?.attempt == 3)
    }

    // A stream that somebody makes again gives ids once more, also such as came here as retries only.
    @Test func whatComesAsNewWaitsForAnEarlierDeliveryOfItsIDThatCameAsARetry() throws {
        var table = LeaseTable()
        let former = try table.beginOne(.scripted(5, attempt: 2, token: 2, origin: .expired))
        #expect(table.admit([.scripted(5)], now: .start).isEmpty)
        let ended = try table.endOne(former)
        #expect(!ended.mustDecide)
        let successor = try #require(ended.successor)
        #expect(table.lease(successor.slot)?.receipt.token == 1)
    }

    @Test func whatHasMadeRoomForAnotherOfItsIDDoesNotComeBack() throws {
        var table = LeaseTable()
        let first = try table.beginOne(.scripted(1))
        let former = try table.admitOne(.scripted(2))
        _ = try table.endOne(first)
        _ = table.apply(.done, of: Decision(first, Verdict(.ack)))
        let new = try table.admitOne(.scripted(2))
        #expect(new.slot.index < former.slot.index)
        #expect(table.admit([.scripted(2, attempt: 2, token: 2, origin: .expired)], now: .start).isEmpty)
        #expect(table.begin(former.slot, on: .first, now: .start) == nil)
        #expect(table.begin(new.slot, on: .first, now: .start)?.attempt == 2)
    }

    @Test func aSlotIsUsedAgainUnderAnotherGeneration() throws {
        var table = LeaseTable()
        let first = try table.beginOne()
        _ = table.end(first.slot, by: .first, succeeded: true, now: .start)
        _ = table.apply(.done, of: Decision(first, Verdict(.ack)))
        #expect(table.held == 0)
        let second = try table.admitOne(.scripted(2))
        #expect(second.slot.index == first.slot.index)
        #expect(second.slot.generation != first.slot.generation)
        #expect(table.lease(first.slot) == nil)
    }

    @Test func countsSuspectsAsLongAsTheyAreHeld() throws {
        var table = LeaseTable()
        let ordinary = InboundMessage.scripted(1, attempt: 2, token: 2, origin: .expired)
        let suspect = InboundMessage.scripted(2, attempt: 3, token: 3, origin: .expired)
        let retried = InboundMessage.scripted(3, attempt: 4, token: 4, origin: .retry)
        let held = table.admit([ordinary, suspect, retried], now: .start)
        #expect(table.suspects == 1)
        _ = table.begin(held[1].slot, on: .first, now: .start)
        #expect(table.suspects == 1)
        _ = table.end(held[1].slot, by: .first, succeeded: true, now: .start)
        #expect(table.suspects == 1)
        _ = table.apply(.done, of: Decision(held[1], Verdict(.ack)))
        #expect(table.suspects == 0)
    }
}
