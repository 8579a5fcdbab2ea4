// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

@Suite struct IdleLanesTests {
    @Test func wakesWhoWaitsLongest() {
        var idle = IdleLanes()
        let (first, second) = (WakeSignal(), WakeSignal())
        _ = idle.append(first)
        _ = idle.append(second)
        #expect(idle.popFirst() === first)
        #expect(idle.popFirst() === second)
        #expect(idle.popFirst() == nil)
    }

    @Test func aLaneThatGoesBeforeItsTurnIsNotWoken() {
        var idle = IdleLanes()
        let signals = [WakeSignal(), WakeSignal(), WakeSignal()]
        let numbers = signals.map { idle.append($0) }
        idle.remove(numbers[1])
        #expect(idle.popFirst() === signals[0])
        #expect(idle.popFirst() === signals[2])
    }

    @Test func aLaneThatWasWokenTakesNobodyElsesTurn() {
        var idle = IdleLanes()
        let (first, second) = (WakeSignal(), WakeSignal())
        let number = idle.append(first)
        _ = idle.append(second)
        #expect(idle.popFirst() === first)
        idle.remove(number)
        #expect(idle.popFirst() === second)
        idle.remove(number)
        #expect(idle.removeAll().isEmpty)
    }

    @Test func theEndWakesWhoIsLeft() {
        var idle = IdleLanes()
        let (first, second) = (WakeSignal(), WakeSignal())
        _ = idle.append(first)
        let number = idle.append(second)
        _ = idle.popFirst()
        #expect(idle.removeAll().map { ObjectIdentifier($0) } == [ObjectIdentifier(second)])
        idle.remove(number)
        #expect(idle.popFirst() == nil)
    }
}
