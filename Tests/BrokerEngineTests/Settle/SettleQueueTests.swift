// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct SettleQueueTests {
    private func decision(_ number: UInt64) -> Decision {
        Decision(
            slot: Slot(index: Int32(number), generation: 0), receipt: InboundMessage.scripted(number).receipt,
            verdict: Verdict(.ack), attempt: 1)
    }

    private func numbers(_ decisions: [Decision]) -> [UInt64] { decisions.map(\.receipt.id.milliseconds) }

    @Test func onlyTheFirstDecisionHasToWakeTheLoop() {
        var queue = SettleQueue()
        #expect(queue.put(decision(1)) == true)
        #expect(queue.put(decision(2)) == false)
        #expect(numbers(queue.take(now: .start)) == [1, 2])
        #expect(queue.put(decision(3)) == true)
    }

    @Test func aFlushHasABound() {
        var queue = SettleQueue()
        for number in 0..<5000 { _ = queue.put(decision(UInt64(number))) }
        #expect(queue.take(now: .start).count == 4096)
        #expect(numbers(queue.take(now: .start)) == (4096..<5000).map { UInt64($0) })
        #expect(queue.isEmpty)
    }

    @Test func whatIsDeferredComesWhenItsTimeHasCome() {
        var queue = SettleQueue()
        queue.put(decision(1), at: .after(.seconds(60)))
        #expect(!queue.isEmpty)
        #expect(queue.nextDue == .after(.seconds(60)))
        #expect(queue.take(now: .after(.seconds(59))).isEmpty)
        #expect(numbers(queue.take(now: .after(.seconds(60)))) == [1])
        #expect(queue.isEmpty && queue.nextDue == .distantFuture)
    }

    @Test func whatIsDeferredIsTriedOnceMoreAtTheEnd() {
        var queue = SettleQueue()
        queue.put(decision(1), at: .after(.seconds(60)))
        queue.finish(now: .start)
        #expect(queue.isFinishing)
        #expect(numbers(queue.take(now: .start)) == [1])
    }
}
