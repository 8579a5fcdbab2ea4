// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

/// How many lines a stream of failures makes.
@Suite struct FailurePaceTests {
    private func consumer(_ group: GroupName = "billing", name: ConsumerName = "a") -> ConsumerIdentity {
        ConsumerIdentity(broker: "events", selection: .stream("orders"), group: group, consumer: name)
    }

    private func at(_ milliseconds: Int) -> Instant { Instant(nanoseconds: Int64(milliseconds) * 1_000_000) }

    @Test func aBurstIsLoggedAndThenALineASecondThatSaysHowManyWereNot() {
        var pace = FailurePace()
        let said = (0..<5000).compactMap { number -> String? in
            pace.note(.attempt, of: consumer(), now: at(number)).map { "\(number): \($0)" }
        }
        let burst = (0..<10).map { "\($0): 0" }
        #expect(said == burst + ["1000: 990", "2000: 999", "3000: 999", "4000: 999"])
    }

    @Test func afterASilenceThereIsABurstAgain() {
        var pace = FailurePace()
        for _ in 0..<50 { _ = pace.note(.attempt, of: consumer(), now: at(0)) }
        let later = (0..<20).compactMap { _ in pace.note(.attempt, of: consumer(), now: at(60_000)) }
        #expect(later == [40] + Array(repeating: 0, count: 9))
    }

    @Test func aFewFailuresASecondAreAllLoggedAtTheirOwnTimes() {
        var pace = FailurePace()
        let said = (0..<100).count { pace.note(.attempt, of: consumer(), now: at($0 * 1500)) == 0 }
        #expect(said == 100)
    }

    @Test func groupsAndTopicsDoNotSilenceEachOtherAndConsumersOfAGroupShare() {
        var pace = FailurePace()
        for _ in 0..<10 { _ = pace.note(.attempt, of: consumer(), now: at(0)) }
        #expect(pace.note(.attempt, of: consumer(name: "b"), now: at(0)) == nil)
        #expect(pace.note(.attempt, of: consumer("search"), now: at(0)) == 0)
        #expect(pace.note(.loss, of: consumer(), now: at(0)) == 0)
    }

    @Test func whatWasLeftUnsaidCanBeTakenOnce() {
        var pace = FailurePace()
        for _ in 0..<15 { _ = pace.note(.attempt, of: consumer(), now: at(0)) }
        for _ in 0..<12 { _ = pace.note(.loss, of: consumer("search"), now: at(0)) }
        let taken = pace.takeUnsaid { $0.group == "billing" }
        #expect(taken.map(\.count) == [5])
        #expect(taken.map(\.key) == [FailurePace.Key(.attempt, of: consumer())])
        #expect(pace.takeUnsaid { $0.group == "billing" }.isEmpty)
        #expect(pace.takeUnsaid { _ in true }.map(\.count) == [2])
        #expect(pace.note(.attempt, of: consumer(), now: at(1000)) == 0)
    }
}
