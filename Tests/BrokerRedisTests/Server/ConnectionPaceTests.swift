// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// What is told about connections, and how often.
@Suite struct ConnectionPaceTests {
    private let start = Instant(nanoseconds: 0)

    private func second(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    @Test func theFirstConnectionIsToldAndNoOther() {
        var pace = ConnectionPace()
        #expect(pace.connected(at: second(0)) == .connected)
        #expect(pace.connected(at: second(1)) == nil)
    }

    @Test func anOutageIsToldAtOnceThenEverMoreRarely() {
        var pace = ConnectionPace()
        var lines: [Int: ConnectionPace.Line] = [:]
        for number in 0..<3000 { lines[number] = pace.failed(at: second(number)) }
        let times = [10, 30, 70, 150, 310, 630, 1230, 1830, 2430]
        #expect(lines[0] == .away)
        #expect(lines.keys.sorted() == [0] + times)
        for time in times { #expect(lines[time] == .stillAway(for: .seconds(time))) }
    }

    @Test func theEndOfAnOutageIsToldIfTheOutageWas() {
        var pace = ConnectionPace()
        _ = pace.connected(at: second(0))
        #expect(pace.failed(at: second(100)) == .away)
        #expect(pace.connected(at: second(112)) == .back(after: .seconds(12)))
        #expect(pace.failed(at: second(113)) == nil)
        #expect(pace.connected(at: second(113)) == nil)
    }

    /// As a server does that takes no more clients: some connections are made and others are not.
    @Test func whoComesAndGoesDoesNotFillTheLog() {
        var pace = ConnectionPace()
        _ = pace.connected(at: second(0))
        var told = 0
        for number in 0..<3600 {
            if pace.failed(at: second(number)) != nil { told += 1 }
            if pace.connected(at: second(number)) != nil { told += 1 }
        }
        #expect(told < 200)
        #expect(pace.failed(at: second(3800)) == .away, "an outage after a calm is told at once")
    }

    @Test func threeRefusedLoginsAtTheStartAreEnough() {
        var pace = ConnectionPace()
        #expect(pace.failed(at: second(0), isRefusal: true) == .away)
        #expect(pace.failed(at: second(0), isRefusal: true) == nil, "connections that try at once count as one")
        #expect(pace.failed(at: second(2), isRefusal: true) == nil)
        #expect(pace.failed(at: second(3)) == nil, "a server that is away refuses nothing")
        #expect(pace.failed(at: second(6), isRefusal: true) == .refusedForGood(count: 3))
    }

    @Test func whoWasConnectedIsNeverRefusedForGood() {
        var pace = ConnectionPace()
        _ = pace.connected(at: second(0))
        for number in 1..<100 {
            #expect(pace.failed(at: second(number * 5), isRefusal: true) != .refusedForGood(count: 3))
        }
    }

    @Test func whoWaitsForTheLoginIsNeverRefusedForGood() {
        var pace = ConnectionPace(waitsForLogin: true)
        for number in 1..<100 {
            #expect(pace.failed(at: second(number * 5), isRefusal: true) != .refusedForGood(count: 3))
        }
    }
}
