// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

@Suite struct BackoffTests {
    @Test func theFirstAttemptDoesNotWait() {
        #expect(Backoff().wait(chance: 1) == .zero)
    }

    @Test func waitsDoubleUpToTheMaximum() {
        var backoff = Backoff()
        let waits = (0..<9).map { _ in
            backoff.failed(needsHelp: false)
            return backoff.wait(chance: 1)
        }
        #expect(waits == [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) })
    }

    @Test func jitterIsFull() {
        var backoff = Backoff()
        for _ in 0..<4 { backoff.failed(needsHelp: false) }
        #expect(backoff.wait(chance: 0) == .zero)
        #expect(backoff.wait(chance: 0.5) == .milliseconds(200))
    }

    @Test func whatNeedsHelpIsTriedEverMoreRarely() {
        var backoff = Backoff()
        let waits = (0..<5).map { _ in
            backoff.failed(needsHelp: true)
            return [backoff.wait(chance: 0), backoff.wait(chance: 1)]
        }
        #expect(waits == [[1, 2], [2, 4], [4, 8], [5, 10], [5, 10]].map { $0.map { .seconds($0) } })
    }

    @Test func aConnectionThatBreaksAtOnceIsNotMadeAgainInAHotLoop() {
        var backoff = Backoff()
        for _ in 0..<20 { backoff.failed(needsHelp: false) }
        backoff.succeeded()
        #expect(backoff.wait(chance: 1) == .milliseconds(50))
    }

    @Test func countingNeverOverflows() {
        var backoff = Backoff()
        for _ in 0..<1000 { backoff.failed(needsHelp: false) }
        #expect(backoff.wait(chance: 1) == .seconds(5))
    }
}
