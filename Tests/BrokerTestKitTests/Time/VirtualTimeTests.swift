// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerTestKit
import Synchronization
import Testing

@Suite struct VirtualTimeTests {
    /// The order in which twenty tasks run that hand over to each other at every step.
    private func order(seed: UInt64?) async throws -> [String] {
        let time = VirtualTime(seed: seed)
        let steps = Trace()
        try await time.run {
            await withTaskGroup { group in
                for task in 0..<20 {
                    group.addTask {
                        for step in 0..<3 {
                            steps.note("\(task).\(step)")
                            await Task.yield()
                        }
                    }
                }
            }
        }
        return steps.all
    }

    @Test func withoutASeedTasksTakeTurns() async throws {
        let expected = (0..<3).flatMap { step in (0..<20).map { "\($0).\(step)" } }
        let found = try await order(seed: nil)
        #expect(found == expected)
    }

    @Test func aSeedDrawsAnOrderAndRepeatsIt() async throws {
        let orders = [try await order(seed: 1), try await order(seed: 1), try await order(seed: 2)]
        #expect(orders[0] == orders[1])
        #expect(orders[0] != orders[2])
        #expect(Set(orders[0]) == Set(orders[2]))
    }

    @Test func aYearTakesNoTime() async throws {
        let time = VirtualTime()
        let start = time.clock.now
        try await time.run(limit: .seconds(400 * 86_400)) { await time.pass(.seconds(365 * 86_400)) }
        #expect(time.clock.now - start == .seconds(365 * 86_400))
    }

    @Test func beyondTheLimitTheBodyIsCancelled() async throws {
        let time = VirtualTime()
        await #expect(throws: VirtualTimeStalled.self) {
            try await time.run(limit: .seconds(60)) { while !Task.isCancelled { await time.pass(.seconds(1)) } }
        }
    }

    /// A fetch loop and its signal once woke each other for ever at one instant, and the test never ended.
    @Test func tasksThatWakeEachOtherForEverAreReported() async throws {
        let time = VirtualTime()
        await #expect(throws: VirtualTimeStalled.self) {
            try await time.run { while !Task.isCancelled { await Task.yield() } }
        }
    }

    @Test func tasksDrivenFromOutsideRunUpToTheMomentAskedFor() async {
        let time = VirtualTime()
        let steps = Trace()
        await withTaskGroup { group in
            group.addTask(executorPreference: time.executor) {
                for step in 1...3 {
                    await time.pass(.seconds(10))
                    steps.note("\(step)")
                }
            }
            #expect(steps.all == [])
            time.advance(by: .seconds(25))
            #expect(steps.all == ["1", "2"])
            time.advance(by: .seconds(5))
            #expect(steps.all == ["1", "2", "3"])
            #expect(time.executor.isIdle)
        }
    }

    /// What happened, in order.
    private final class Trace: Sendable {
        private let list = Mutex<[String]>([])

        var all: [String] { list.withLock { $0 } }

        func note(_ step: String) {
            list.withLock { $0.append(step) }
        }
    }
}
