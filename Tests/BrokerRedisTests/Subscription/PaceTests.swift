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
        var pace = RejoinBackoff()
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
        var clock = ServerClock()
        #expect(clock.expected(at: start) == 0)
        #expect(clock.learn(5000, sent: start, at: start) == .zero)
        let later = start + .milliseconds(250)
        #expect(clock.expected(at: later) == 5250)
        #expect(clock.learn(9250, sent: later, at: later) == .seconds(4))
        #expect(clock.learn(7250, sent: later, at: later) == .seconds(2))
    }

    /// On a line of 80 ms the server is where it is expected, though a third of the visibility were shorter.
    @Test func theLatencyToTheServerIsNoDistance() {
        var clock = ServerClock()
        _ = clock.learn(5040, sent: start, at: start + .milliseconds(80))
        #expect(clock.expected(at: start + .milliseconds(100)) == 5140)
        let distance = clock.learn(5140, sent: start + .milliseconds(100), at: start + .milliseconds(180))
        #expect(distance == .zero)
        _ = clock.learn(8140, sent: start + .milliseconds(200), at: start + .milliseconds(6200))
        #expect(clock.expected(at: start + .milliseconds(6200)) == 11_180, "a stall is not latency")
    }

    @Test(arguments: [Int.max, .min, 0, -1]) func noTimeThatAServerAnswersIsTooMuch(_ time: Int) {
        for other in [Int.max, .min, 0] {
            var clock = ServerClock()
            _ = clock.learn(time, sent: start, at: start + .seconds(1))
            let distance = clock.learn(other, sent: start + .seconds(2), at: start + .seconds(4))
            #expect(distance >= .zero)
            _ = clock.expected(at: .distantFuture)
        }
    }

    @Test func startPositionsAreIdsThatAGroupBeginsBehind() {
        #expect(StartPosition.earliest.onServer == "0")
        #expect(StartPosition.latest.onServer == "$")
        #expect(StartPosition.after(MessageID(milliseconds: 7, sequence: 3)).onServer == "7-3")
        #expect(StartPosition.time(Timestamp(milliseconds: 7)).onServer == "6-18446744073709551615")
        #expect(StartPosition.time(Timestamp(milliseconds: -5)).onServer == "0")
    }

    @Test func aCallTakesNoMoreThanItsRoom() {
        var buffer = ReceiveBuffer(ReceiveRequest(limit: 9, wait: .zero))
        #expect((buffer.room, buffer.isEmpty) == (9, true))
        let receipt = Receipt(stream: "a", id: .zero, epoch: 1, token: 3)
        buffer.take([InboundMessage(receipt: receipt, message: Message("x"), attempt: 3, origin: .expired)])
        #expect((buffer.room, buffer.suspects, buffer.isEmpty) == (8, 0, false))
    }
}
