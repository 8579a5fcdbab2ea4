// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Testing

@Suite struct WaitingTests {
    @Test func aPublishWakesAsManyAsCanBeOfUseFirstComeFirst() {
        var scene = LogScene()
        let subscriptions = ["one", "two", "three"].map { scene.join(ConsumerName($0)) }
        let waiters = subscriptions.map { scene.wait($0, 2)?.number }
        scene.publish("a")
        #expect(scene.log.takeWakes() == [waiters[0]])
        scene.publish("b")
        #expect(scene.log.takeWakes().isEmpty)
        scene.publish("c")
        #expect(scene.log.takeWakes() == [waiters[1]])
    }

    @Test func whoLeavesWithoutTakingPassesTheCallOn() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        let first = scene.wait(one)?.number
        let second = scene.wait(two)?.number
        scene.publish("a")
        #expect(scene.log.takeWakes() == [first])
        scene.leave(one, first)
        #expect(scene.log.takeWakes() == [second])
    }

    @Test func whoClosesWithoutTakingPassesTheCallOn() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        let first = scene.wait(one)?.number
        let second = scene.wait(two)?.number
        scene.publish("a")
        _ = scene.log.takeWakes()
        scene.log.unsubscribe(one)
        #expect(scene.log.takeWakes() == [first, second])
    }

    @Test func whoTakesAPartPassesTheRestOn() {
        var scene = LogScene()
        let (one, two, three) = (scene.join("one"), scene.join("two"), scene.join("three"))
        scene.publish("before")
        _ = scene.receive(three)
        let first = scene.wait(one, 10)?.number
        let second = scene.wait(two, 10)?.number
        scene.publish("a", "b", "c")
        #expect(scene.log.takeWakes() == [first])
        #expect(scene.receive(three, 1).bodies == ["a"])
        #expect(scene.log.takeWakes().isEmpty)
        scene.leave(one, first)
        #expect(scene.log.takeWakes() == [second])
    }

    @Test func waitsUntilTheNextRetryOrExpiry() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        #expect(scene.wait(two)?.until == .distantFuture)
        scene.publish("a", "b")
        let held = scene.receive(one).messages
        #expect(scene.wait(two)?.until == Instant(nanoseconds: 30_000_000_000))
        _ = scene.settle(one, held[0], .retry(after: .seconds(3)))
        #expect(scene.wait(two)?.until == Instant(nanoseconds: 3_000_000_000))
        _ = scene.settle(one, held[0], .ack)
        #expect(scene.wait(two)?.until == Instant(nanoseconds: 30_000_000_000))
    }

    @Test func anEarlierRetryWakesWhoWouldSleepPastIt() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish("a", "b")
        let held = scene.receive(one).messages
        let waiter = scene.wait(two)?.number
        _ = scene.settle(one, held[0], .retry(after: .seconds(60)))
        #expect(scene.log.takeWakes().isEmpty)
        _ = scene.settle(one, held[1], .retry(after: .seconds(3)))
        #expect(scene.log.takeWakes() == [waiter])
    }

    @Test func aNewLeaseWakesWhoWouldSleepPastItsEnd() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two", visibility: .seconds(10)))
        let waiters = (0..<2).map { _ in scene.wait(two, 1)?.number }
        scene.publish("a")
        #expect(scene.log.takeWakes() == [waiters[0]])
        #expect(scene.receive(one).bodies == ["a"])
        #expect(scene.log.takeWakes() == [waiters[1]])
    }

    @Test func aSuspectIsNoReasonToWakeForWhoMayNotTakeIt() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish("a")
        for _ in 0..<2 {
            _ = scene.receive(one)
            scene.advance(.seconds(30))
        }
        #expect(scene.wait(two, suspects: 0)?.until == .distantFuture)
        #expect(scene.receive(two).messages.count == 1)
    }
}
