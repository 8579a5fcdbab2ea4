// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import RedisTestSupport
import Testing

/// One call of `receive` at a time.
@Suite(.inRealTime) struct AsyncLockTests {
    private let clock = EngineThread.shared

    @Test func whoWaitsTooLongGoesWithoutATurn() async {
        let turns = AsyncLock()
        #expect(await turns.enter(until: clock.now, on: clock))
        #expect(await !turns.enter(until: clock.now + .milliseconds(5), on: clock))
        turns.leave()
        #expect(await turns.enter(until: clock.now, on: clock))
    }

    @Test func everyoneWhoWaitsGetsATurnAndNobodyTwoAtOnce() async {
        let turns = AsyncLock()
        let inside = Counter()
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    await turns.enter()
                    #expect(inside.add(1) == 1)
                    await Task.yield()
                    inside.add(-1)
                    turns.leave()
                }
            }
        }
    }

    @Test func whoIsCancelledLeavesTheLine() async {
        let turns = AsyncLock()
        await turns.enter()
        let isMine = await withTaskGroup { group in
            group.addTask { await turns.enter(until: .distantFuture, on: clock) }
            group.cancelAll()
            return await group.next()
        }
        #expect(isMine == false)
        turns.leave()
        #expect(await turns.enter(until: clock.now, on: clock))
    }
}
