// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import Testing

/// What is told about connections, and how often.
@Suite struct ConnectionStoryTests {
    private let start = Instant(nanoseconds: 0)

    private func second(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    @Test func theFirstConnectionIsToldAndNoOther() {
        var story = ConnectionStory()
        #expect(story.connected(at: second(0)) == .connected)
        #expect(story.connected(at: second(1)) == nil)
    }

    @Test func anOutageIsToldAtOnceThenEverMoreRarely() {
        var story = ConnectionStory()
        var lines: [Int: ConnectionStory.Line] = [:]
        for number in 0..<3000 { lines[number] = story.failed(at: second(number)) }
        let times = [10, 30, 70, 150, 310, 630, 1230, 1830, 2430]
        #expect(lines[0] == .away)
        #expect(lines.keys.sorted() == [0] + times)
        for time in times { #expect(lines[time] == .stillAway(for: .seconds(time))) }
    }

    @Test func theEndOfAnOutageIsToldIfTheOutageWas() {
        var story = ConnectionStory()
        _ = story.connected(at: second(0))
        #expect(story.failed(at: second(100)) == .away)
        #expect(story.connected(at: second(112)) == .back(after: .seconds(12)))
        #expect(story.failed(at: second(113)) == nil)
        #expect(story.connected(at: second(113)) == nil)
    }

    /// As a server does that takes no more clients: some connections are made and others are not.
    @Test func whoComesAndGoesDoesNotFillTheLog() {
        var story = ConnectionStory()
        _ = story.connected(at: second(0))
        var told = 0
        for number in 0..<3600 {
            if story.failed(at: second(number)) != nil { told += 1 }
            if story.connected(at: second(number)) != nil { told += 1 }
        }
        #expect(told < 200)
        #expect(story.failed(at: second(3800)) == .away, "an outage after a calm is told at once")
    }

    @Test func threeRefusedLoginsAtTheStartAreEnough() {
        var story = ConnectionStory()
        #expect(story.failed(at: second(0), isRefusal: true) == .away)
        #expect(story.failed(at: second(0), isRefusal: true) == nil, "connections that try at once count as one")
        #expect(story.failed(at: second(2), isRefusal: true) == nil)
        #expect(story.failed(at: second(3)) == nil, "a server that is away refuses nothing")
        #expect(story.failed(at: second(6), isRefusal: true) == .refusedForGood(count: 3))
    }

    @Test func whoWasConnectedIsNeverRefusedForGood() {
        var story = ConnectionStory()
        _ = story.connected(at: second(0))
        for number in 1..<100 {
            #expect(story.failed(at: second(number * 5), isRefusal: true) != .refusedForGood(count: 3))
        }
    }

    @Test func whoWaitsForTheLoginIsNeverRefusedForGood() {
        var story = ConnectionStory(waitsForLogin: true)
        for number in 1..<100 {
            #expect(story.failed(at: second(number * 5), isRefusal: true) != .refusedForGood(count: 3))
        }
    }
}
