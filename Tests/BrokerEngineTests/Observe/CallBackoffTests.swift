// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Testing

@Suite struct CallBackoffTests {
    @Test func pausesDoubleUpToTenSeconds() {
        var backoff = CallBackoff()
        var generator = SeededGenerator(seed: 7)
        let bounds = [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]
        for bound in bounds {
            let pause = backoff.fail(using: &generator)
            #expect(pause <= .milliseconds(bound) && pause >= .milliseconds(bound / 2))
        }
        #expect(backoff.failures == bounds.count)
    }

    @Test func aSuccessBeginsAnewAndSaysWhetherSomethingHadFailed() {
        var backoff = CallBackoff()
        var generator = SeededGenerator(seed: 7)
        let first = backoff.succeed()
        #expect(!first)
        for _ in 0..<9 { _ = backoff.fail(using: &generator) }
        let second = backoff.succeed()
        #expect(second)
        #expect(backoff.fail(using: &generator) <= .milliseconds(100))
    }

    @Test func twoProcessesDoNotPauseAlike() {
        var first = SeededGenerator(seed: 1)
        var second = SeededGenerator(seed: 2)
        var (one, other) = (CallBackoff(), CallBackoff())
        #expect((0..<5).map { _ in one.fail(using: &first) } != (0..<5).map { _ in other.fail(using: &second) })
    }
}
