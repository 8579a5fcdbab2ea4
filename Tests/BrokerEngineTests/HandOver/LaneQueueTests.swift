// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct LaneQueueTests {
    private func held(_ number: UInt64, _ key: String? = nil, stream: StreamName = "orders") -> Held {
        var held = Held(.scripted(number, stream: stream, key: key))
        held.slot = Slot(index: Int32(number), generation: 0)
        return held
    }

    private func takeOne(_ queue: inout LaneQueue) throws -> Held {
        let held = queue.take()
        return try #require(held)
    }

    private func takeAll(_ queue: inout LaneQueue) -> [UInt64] {
        var numbers: [UInt64] = []
        while let held = queue.take() { numbers.append(held.id.milliseconds) }
        return numbers
    }

    @Test func withoutAnOrderEverythingIsTakable() {
        var queue = LaneQueue(ordering: .none)
        queue.push([held(1, "a"), held(2, "a"), held(3)])
        #expect(takeAll(&queue) == [1, 2, 3])
    }

    @Test func ofEachKeyOneMessageIsTakable() {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a"), held(3, "b"), held(4), held(5)])
        #expect(takeAll(&queue) == [1, 3, 4, 5])
        queue.finish(held(1).slot)
        #expect(takeAll(&queue) == [2])
    }

    @Test func ofEachStreamOneMessageIsTakable() {
        var queue = LaneQueue(ordering: .stream)
        queue.push([held(1, "a"), held(2, "b"), held(3, stream: "others")])
        #expect(takeAll(&queue) == [1, 3])
        queue.finish(held(1).slot)
        #expect(takeAll(&queue) == [2])
    }

    @Test func equalKeysOfDifferentStreamsDoNotWaitForEachOther() {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a", stream: "others")])
        #expect(takeAll(&queue) == [1, 2])
    }

    @Test func anOlderMessageOfABusyKeyStandsBeforeTheYounger() {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(5, "a"), held(7, "a"), held(6, "a")])
        #expect(takeAll(&queue) == [5])
        queue.finish(held(5).slot)
        #expect(takeAll(&queue) == [6])
    }

    @Test func aRetryInPlaceKeepsItsKeyBusyAndNoOther() {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a"), held(3, "b")])
        #expect(takeAll(&queue) == [1, 3])
        queue.keepInPlace(held(1, "a"))
        #expect(takeAll(&queue).isEmpty)
        queue.resume(held(1).slot)
        #expect(takeAll(&queue) == [1])
        queue.finish(held(1).slot)
        #expect(takeAll(&queue) == [2])
    }

    @Test func aTimerThatIsQuickerThanItsLaneIsNotForgotten() {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a")])
        #expect(takeAll(&queue) == [1])
        queue.resume(held(1).slot)
        #expect(!queue.hasReady)
        queue.keepInPlace(held(1, "a"))
        #expect(takeAll(&queue) == [1])
    }

    @Test func aWakeForWhatIsFinishedDoesNotOutliveIt() {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a")])
        #expect(takeAll(&queue) == [1])
        queue.resume(held(1).slot)
        queue.finish(held(1).slot)
        queue.push([held(1, "a")])
        #expect(takeAll(&queue) == [1])
        queue.keepInPlace(held(1, "a"))
        #expect(!queue.hasReady)
    }

    @Test func aBatchTakesOnlyTheKeyOfItsFirst() throws {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "b"), held(3, "a"), held(4, "a"), held(5, "a")])
        let first = try takeOne(&queue)
        #expect(queue.takeMore(2, with: first).map(\.receipt.id.milliseconds) == [3, 4])
        #expect(takeAll(&queue) == [2])
        for number in [1, 3] as [UInt64] { queue.finish(held(number).slot) }
        #expect(!queue.hasReady, "the batch is not done with")
        queue.finish(held(4).slot)
        #expect(takeAll(&queue) == [5])
    }

    @Test func aBatchWithoutAnOrderTakesWhatIsThere() throws {
        var queue = LaneQueue(ordering: .none)
        queue.push([held(1), held(2), held(3)])
        let first = try takeOne(&queue)
        #expect(queue.takeMore(5, with: first).count == 2)
        #expect(queue.takeMore(0, with: first).isEmpty)
    }

    @Test func aBatchOfAMessageWithoutAKeyTakesOnlySuch() throws {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1), held(2), held(3, "a"), held(4)])
        let first = try takeOne(&queue)
        #expect(queue.takeMore(5, with: first).map(\.receipt.id.milliseconds) == [2])
    }

    // The messages of a failed batch have delays of their own; none may overtake another of its key.
    @Test func aFailedBatchOfOneKeyComesAgainInOrder() throws {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a"), held(3, "a"), held(4, "a")])
        let first = try takeOne(&queue)
        #expect(queue.takeMore(2, with: first).count == 2)
        for number in 1...3 as ClosedRange<UInt64> { queue.keepInPlace(held(number, "a")) }
        queue.resume(held(3).slot)
        queue.resume(held(2).slot)
        #expect(!queue.hasReady, "the first of the key still waits")
        queue.resume(held(1).slot)
        let again = try takeOne(&queue)
        #expect(again.receipt.id.milliseconds == 1)
        #expect(!queue.hasReady)
        #expect(queue.takeMore(5, with: again).map(\.receipt.id.milliseconds) == [2, 3, 4])
    }

    @Test func whatABatchSettledSinglyDoesNotHoldUpItsRetry() throws {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a"), held(3, "a")])
        let first = try takeOne(&queue)
        _ = queue.takeMore(1, with: first)
        queue.keepInPlace(held(1, "a"))
        queue.resume(held(1).slot)
        #expect(!queue.hasReady, "the other one is not done with")
        queue.finish(held(2).slot)
        #expect(takeAll(&queue) == [1])
        queue.finish(held(1).slot)
        #expect(takeAll(&queue) == [3])
    }

    @Test func closingGivesBackEverythingThatWaitedInOrder() {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(2, "b"), held(1, "a"), held(3, "a"), held(4, "c")])
        _ = queue.take()
        _ = queue.take()
        queue.keepInPlace(held(1, "a"))
        #expect(queue.close().map(\.receipt.id.milliseconds) == [1, 3, 4])
        #expect(queue.isClosed)
    }

    @Test func whatComesAfterClosingIsGivenBackByTheNextClose() {
        var queue = LaneQueue(ordering: .key)
        _ = queue.close()
        queue.push([held(1, "a"), held(2, "a")])
        #expect(queue.close().map(\.receipt.id.milliseconds) == [1, 2])
    }

    @Test func closingGivesBackWhatHadResumedBehindItsBatch() throws {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a")])
        let first = try takeOne(&queue)
        _ = queue.takeMore(1, with: first)
        queue.keepInPlace(held(2, "a"))
        queue.resume(held(2).slot)
        #expect(queue.close().map(\.receipt.id.milliseconds) == [2])
    }

    @Test func whatWaitsBehindItsKeyIsCounted() throws {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1, "a"), held(2, "a"), held(3, "a"), held(4, "b"), held(5)])
        #expect((queue.readyCount, queue.backlog.count) == (3, 2))
        let first = try takeOne(&queue)
        queue.keepInPlace(first)
        #expect((queue.readyCount, queue.backlog.count) == (2, 3))
        queue.resume(first.slot)
        #expect((queue.readyCount, queue.backlog.count) == (3, 2))
        #expect(takeAll(&queue) == [4, 5, 1])
        queue.resume(first.slot)
        queue.keepInPlace(first)
        #expect((queue.readyCount, queue.backlog.count) == (1, 2), "the timer was quicker")
        let again = try takeOne(&queue)
        #expect(queue.takeMore(5, with: again).count == 2)
        #expect(queue.backlog.count == 0)
        queue.push([held(6, "a")])
        #expect(queue.close().count == 1)
        #expect(queue.backlog.count == 0)
    }

    @Test func whatHasNoKeyCountsOnlyWhileItIsKeptInPlace() throws {
        var queue = LaneQueue(ordering: .key)
        queue.push([held(1)])
        let only = try takeOne(&queue)
        queue.keepInPlace(only)
        #expect(queue.backlog.count == 1)
        queue.resume(only.slot)
        #expect((queue.readyCount, queue.backlog.count) == (1, 0))
    }
}
