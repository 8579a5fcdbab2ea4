// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Testing

@Suite struct ManualClockTests {
    @Test func standsStillUntilItIsMoved() {
        let clock = ManualClock(now: Instant(nanoseconds: 5), timestamp: Timestamp(milliseconds: 1000))
        #expect(clock.now == Instant(nanoseconds: 5))
        clock.advance(by: .milliseconds(1500))
        #expect(clock.now == Instant(nanoseconds: 1_500_000_005))
        #expect(clock.timestamp == Timestamp(milliseconds: 2500))
        clock.advance(by: .seconds(-1))
        #expect(clock.now == Instant(nanoseconds: 1_500_000_005))
    }

    @Test func aShiftedWallClockLeavesTheMonotonicOne() {
        let clock = ManualClock(timestamp: Timestamp(milliseconds: 10_000))
        let now = clock.now
        clock.shiftWallClock(by: .seconds(-4))
        #expect(clock.timestamp == Timestamp(milliseconds: 6000))
        #expect(clock.now == now)
    }

    @Test func knowsWhatIsScheduled() {
        let clock = ManualClock()
        let late = clock.schedule(WakeSignal(), at: clock.now + .seconds(2))
        let early = clock.schedule(WakeSignal(), at: clock.now + .seconds(1))
        _ = clock.schedule(WakeSignal(), at: .distantFuture)
        #expect(clock.pendingWakes == 2)
        #expect(clock.nextWake == clock.now + .seconds(1))
        clock.cancel(early)
        #expect(clock.nextWake == clock.now + .seconds(2))
        clock.cancel(late)
        #expect(clock.nextWake == nil)
        #expect(clock.pendingWakes == 0)
    }

    @Test func raisesAtOnceWhatIsDueAlready() async {
        let clock = ManualClock()
        let signal = WakeSignal()
        _ = clock.schedule(signal, at: clock.now)
        await signal.wait()
        #expect(clock.pendingWakes == 0)
    }

    @Test func wakesSleepersInTheOrderOfTheirInstants() async throws {
        let time = VirtualTime()
        let woken = try await time.run { () async throws -> [Int] in
            await withTaskGroup(of: Int.self) { group in
                for seconds in [30, 10, 20] {
                    group.addTask {
                        await time.pass(.seconds(seconds))
                        return seconds
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(woken == [10, 20, 30])
    }
}
