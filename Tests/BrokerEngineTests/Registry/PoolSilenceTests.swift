// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

/// When it is told that the pool of threads does not answer.
@Suite struct PoolSilenceTests {
    private func at(_ seconds: Int) -> Instant { .after(.seconds(seconds)) }

    @Test func aPoolThatAnswersIsNeverTold() {
        var silence = PoolSilence()
        for second in stride(from: 0, to: 100, by: 5) {
            #expect(silence.look(now: at(second)) == nil)
            #expect(silence.noteResponse(now: at(second + 4)) == nil)
        }
    }

    @Test func aSilentPoolIsToldEverMoreRarelyAndItsReturnOnce() {
        var silence = PoolSilence()
        let told = stride(from: 0, through: 100, by: 5).compactMap { silence.look(now: at($0)) }
        #expect(told == [5, 10, 20, 40, 80].map { .seconds($0) })
        #expect(silence.noteResponse(now: at(101)) == .seconds(101))
        #expect(silence.noteResponse(now: at(102)) == nil)
        #expect(silence.look(now: at(105)) == nil)
        #expect(silence.look(now: at(110)) == .seconds(5))
    }

    @Test func aProcessThatStoodStillBetweenTwoLooksIsNotTold() {
        var silence = PoolSilence()
        _ = silence.look(now: at(0))
        _ = silence.noteResponse(now: at(0))
        #expect(silence.look(now: at(3600)) == nil)
    }
}
