// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// Small clocks of a subscription.
@Suite struct PaceTests {
    private let start = Instant(nanoseconds: 0)

    @Test func aLostGroupIsMadeAgainAtOnceAndThenSlowerAndSlower() {
        var pace = RejoinPace()
        var now = start
        var pauses: [Duration] = []
        for _ in 0..<7 {
            let next = pace.lost(at: now)
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [0, 100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        now = now + .seconds(6)
        let next = pace.lost(at: now)
        #expect(next == now)
    }

    @Test func theServersTimeIsReckonedFromItsLastAnswer() {
        var clock = ExpectedTime()
        #expect(clock.expected(at: start) == 0)
        #expect(clock.learn(5000, at: start) == .zero)
        #expect(clock.expected(at: start + .milliseconds(250)) == 5250)
        #expect(clock.learn(9250, at: start + .milliseconds(250)) == .seconds(4))
        #expect(clock.learn(7250, at: start + .milliseconds(250)) == .seconds(2))
    }

    @Test func startPositionsAreIdsThatAGroupBeginsBehind() {
        #expect(StartPosition.earliest.onServer == "0")
        #expect(StartPosition.latest.onServer == "$")
        #expect(StartPosition.after(MessageID(milliseconds: 7, sequence: 3)).onServer == "7-3")
        #expect(StartPosition.time(Timestamp(milliseconds: 7)).onServer == "6-18446744073709551615")
        #expect(StartPosition.time(Timestamp(milliseconds: -5)).onServer == "0")
    }

    @Test func aCallGathersNoMoreThanItsRoom() {
        var gathering = Gathering(ReceiveRequest(limit: 9, wait: .zero))
        #expect((gathering.share, gathering.isEmpty) == (3, true))
        let receipt = Receipt(stream: "a", id: .zero, epoch: 1, token: 3)
        gathering.take([InboundMessage(receipt: receipt, message: Message("x"), attempt: 3, origin: .expired)])
        #expect((gathering.room, gathering.suspects, gathering.isEmpty) == (8, 0, false))
    }
}
