// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Synchronization
import Testing

@Suite struct InstantTests {
    @Test func arithmeticStopsAtTheBounds() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: 5) + .seconds(Int64.max) == .distantFuture)
        #expect(Instant(nanoseconds: -5) + .seconds(Int64.min) == .distantPast)
        #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 2) == .nanoseconds(3))
        #expect(Timestamp(milliseconds: .max) + .seconds(1) == Timestamp(milliseconds: .max))
    }

    @Test func millisecondsAreRoundedUpSoThatNoWaitIsTooShort() {
        #expect(Timestamp(milliseconds: 10) + .microseconds(1) == Timestamp(milliseconds: 11))
        #expect(Timestamp(milliseconds: 10) + .milliseconds(1) == Timestamp(milliseconds: 11))
        #expect(Duration.nanoseconds(-1).millisecondsRoundedUp == 0)
    }
}

@Suite(.timeLimit(.minutes(1))) struct WakeSignalTests {
    @Test func aRingBeforeTheWaitIsNotLost() async {
        let signal = WakeSignal()
        signal.raise()
        signal.raise()
        await signal.wait()
    }

    @Test func aWaiterIsWokenByEachRing() async {
        let ping = WakeSignal()
        let pong = WakeSignal()
        await withDiscardingTaskGroup { group in
            group.addTask {
                for _ in 0..<1000 {
                    await ping.wait()
                    pong.raise()
                }
            }
            for _ in 0..<1000 {
                ping.raise()
                await pong.wait()
            }
        }
    }

    @Test func aSecondWaiterTakesThePlaceOfTheFirst() async {
        let signal = WakeSignal()
        let woken = WakeSignal()
        await withDiscardingTaskGroup { group in
            group.addTask {
                await signal.wait()
                woken.raise()
            }
            group.addTask {
                await signal.wait()
                woken.raise()
            }
            await woken.wait()
            signal.raise()
            await woken.wait()
        }
    }

    @Test func cancellationEndsOnlyTheWaitThatSaysSo() async {
        let signal = WakeSignal()
        await withDiscardingTaskGroup { group in
            group.addTask { await signal.waitUnlessCancelled() }
            group.cancelAll()
        }
        let clock = ManualClock()
        await withDiscardingTaskGroup { group in
            group.addTask { await clock.sleep(until: clock.now + .seconds(9)) }
            group.cancelAll()
        }
        #expect(clock.pendingWakes == 0)
    }

    @Test func timeEndsAWaitAndNothingIsLeftBehind() async {
        let clock = ManualClock()
        let signal = WakeSignal()
        let target = clock.now + .seconds(5)
        await withDiscardingTaskGroup { group in
            group.addTask { await signal.wait(until: target, on: clock) }
            while clock.pendingWakes == 0 { await Task.yield() }
            clock.advance(by: .seconds(5))
        }
        #expect(clock.pendingWakes == 0)
    }
}
