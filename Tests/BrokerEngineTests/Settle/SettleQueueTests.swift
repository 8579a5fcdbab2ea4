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

    @Test func whatWasRefusedComesAgainEverLater() {
        var (queue, now) = (SettleQueue(), Instant.start)
        var (refused, news) = (decision(1), [Bool]())
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            news.append(queue.deferRefused(refused, now: now))
            #expect(!queue.isEmpty)
            now = now + .seconds(pause)
            #expect(queue.nextDue == now)
            #expect(queue.take(now: now + .milliseconds(-1)).isEmpty)
            let taken = queue.take(now: now)
            #expect(numbers(taken) == [1])
            refused = taken.first ?? refused
        }
        #expect(queue.isEmpty && queue.nextDue == .distantFuture)
        #expect(news == [true, false, false, false, false, false, true, true])
    }

    @Test func whatWasRefusedIsTriedOnceMoreAtTheEnd() {
        var queue = SettleQueue()
        _ = queue.deferRefused(decision(1), now: .start)
        queue.finish(now: .start)
        #expect(queue.isFinishing)
        #expect(numbers(queue.take(now: .start)) == [1])
    }
}
