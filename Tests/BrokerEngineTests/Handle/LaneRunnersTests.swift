// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerEngine
import Testing

@Suite struct LaneRunnersTests {
    private func started() throws -> (runners: LaneRunners, runner: RunnerID) {
        var runners = LaneRunners(lane: 3)
        let runner = runners.next()
        return (runners, try #require(runner))
    }

    @Test func aLaneThatHasRecoveredIsNotPutAside() throws {
        var (runners, first) = try started()
        let second = runners.next()
        let isAbandoned = runners.abandon(first)
        #expect(!isAbandoned)
        #expect(second.map(runners.isCurrent) == true)
        let third = runners.next()
        #expect(third == RunnerID(lane: 3, incarnation: 3))
    }

    @Test func aLaneThatIsPutAsideHasNoNextRunnerAndIsReplacedOnce() throws {
        var (runners, runner) = try started()
        let answers = [runners.abandon(runner), runners.abandon(runner)]
        #expect(answers == [true, false], "there may be another message of its batch")
        let next = runners.next()
        #expect(next == nil)
    }

    @Test func aRunnerOfAnotherLaneChangesNothing() throws {
        var (runners, _) = try started()
        let isAbandoned = runners.abandon(RunnerID(lane: 4, incarnation: 1))
        let next = runners.next()
        #expect(!isAbandoned)
        #expect(next != nil)
    }
}
