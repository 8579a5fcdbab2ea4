// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct PublishQueueTests {
    private func request(
        _ waiter: Int, messages: Int = 1, bytes: Int = 100, after seconds: Int64 = 0
    ) -> PublishQueue<Int>.Request {
        let entry = PublishBatch.Entry(stream: "orders", message: Message(""))
        return PublishQueue.Request(
            entries: Array(repeating: entry, count: messages), bytes: bytes,
            since: Instant(nanoseconds: seconds * 1_000_000_000), ticket: waiter, waiter: waiter)
    }

    @Test func oneCallerLeadsAtATime() {
        var queue = PublishQueue<Int>()
        #expect(queue.lead() == true)
        #expect(queue.lead() == false)
        #expect(queue.finish().isEmpty)
        #expect(queue.lead() == true)
    }

    @Test func thoseWhoCameMeanwhileGoTogether() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        for waiter in 1...3 { #expect(queue.wait(request(waiter)) == true) }
        #expect(queue.finish().map(\.waiter) == [1, 2, 3])
        #expect(queue.lead() == false, "the first of them writes now")
        #expect(queue.finish().isEmpty)
    }

    @Test func aWriteHasABoundInMessages() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        for waiter in 1...3 { _ = queue.wait(request(waiter, messages: 2000)) }
        #expect(queue.finish().map(\.waiter) == [1, 2])
        #expect(queue.finish().map(\.waiter) == [3])
    }

    @Test func aWriteHasABoundInBytes() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        for waiter in 1...3 { _ = queue.wait(request(waiter, bytes: 2 << 20)) }
        #expect(queue.finish().map(\.waiter) == [1, 2])
    }

    /// During an outage a write takes long: who came at its end has waited for nothing yet.
    @Test func whoCameMuchLaterGoesWithTheNextWrite() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        for (waiter, seconds) in [(1, 0), (2, 1), (3, 2), (4, 29)] as [(Int, Int64)] {
            _ = queue.wait(request(waiter, after: seconds))
        }
        #expect(queue.finish().map(\.waiter) == [1, 2])
        #expect(queue.finish().map(\.waiter) == [3])
        #expect(queue.finish().map(\.waiter) == [4])
    }

    @Test func whoWaitsMayTakeItsMessagesBack() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        _ = queue.wait(request(1, bytes: 64 << 20))
        #expect(queue.withdraw(2)?.waiter == nil)
        #expect(queue.withdraw(1)?.waiter == 1)
        #expect(queue.withdraw(1)?.waiter == nil)
        #expect(queue.wait(request(3, bytes: 64 << 20)) == true, "and its room is free")
        #expect(queue.finish().map(\.waiter) == [3])
        #expect(queue.withdraw(3)?.waiter == nil, "it is part of a write")
    }

    @Test func oneCallerMayExceedTheBoundAlone() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        _ = queue.wait(request(1, messages: 9000, bytes: 40 << 20))
        _ = queue.wait(request(2))
        #expect(queue.finish().map(\.waiter) == [1])
        #expect(queue.finish().map(\.waiter) == [2])
    }

    @Test func whatMayWaitHasABoundAndRoomComesBack() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        #expect(queue.wait(request(1, bytes: 64 << 20)) == true)
        #expect(queue.wait(request(2, bytes: 1)) == false)
        #expect(queue.finish().map(\.waiter) == [1])
        #expect(queue.wait(request(3, bytes: 1)) == true)
    }

    @Test func aCallerAloneMayWaitWhateverItBrings() {
        var queue = PublishQueue<Int>()
        _ = queue.lead()
        #expect(queue.wait(request(1, bytes: 100 << 20)) == true)
    }
}
