// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct TimerHeapTests {
    /// A far wake beside many near ones: each near one must not leave another timer for the far one behind.
    @Test func aTimerIsSetOnceForEachInstant() {
        var heap = TimerHeap()
        _ = heap.schedule(WakeSignal(), at: .after(.seconds(60)))
        #expect(heap.arm() == .after(.seconds(60)))
        for second in 1...9 {
            let near = Instant.after(.seconds(second))
            _ = heap.schedule(WakeSignal(), at: near)
            #expect(heap.arm() == near)
            heap.disarm(near)
            #expect(heap.takeDue(now: near).count == 1)
            #expect(heap.arm() == nil)
        }
        heap.disarm(.after(.seconds(60)))
        #expect(heap.arm() == .after(.seconds(60)), "a timer that fired too early is set again")
    }

    @Test func givesWhatIsDueInTheOrderOfItsTime() {
        var heap = TimerHeap()
        let signals = (0..<3).map { _ in WakeSignal() }
        _ = heap.schedule(signals[2], at: .after(.seconds(3)))
        _ = heap.schedule(signals[0], at: .after(.seconds(1)))
        _ = heap.schedule(signals[1], at: .after(.seconds(2)))
        #expect(heap.next == .after(.seconds(1)))
        #expect(
            heap.takeDue(now: .after(.seconds(2))).map(ObjectIdentifier.init)
                == signals[0...1].map(ObjectIdentifier.init))
        #expect(heap.next == .after(.seconds(3)))
        #expect(heap.takeDue(now: .after(.seconds(2))).isEmpty)
    }

    @Test func aCancelledWakeNeverComes() {
        var heap = TimerHeap()
        let wake = heap.schedule(WakeSignal(), at: .after(.seconds(1)))
        _ = heap.schedule(WakeSignal(), at: .after(.seconds(2)))
        heap.cancel(wake)
        #expect(heap.next == .after(.seconds(2)))
        #expect(heap.takeDue(now: .after(.seconds(5))).count == 1)
        #expect(heap.next == nil)
    }

    @Test func manyCancelledWakesLeaveTheOthersInPlace() {
        var heap = TimerHeap()
        let wakes = (0..<1000).map { heap.schedule(WakeSignal(), at: .after(.seconds($0))) }
        for (number, wake) in wakes.enumerated() where number % 100 != 0 { heap.cancel(wake) }
        #expect(heap.takeDue(now: .distantFuture).count == 10)
    }
}
