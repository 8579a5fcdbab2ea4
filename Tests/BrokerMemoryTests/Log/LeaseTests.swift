// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Testing

@Suite struct LeaseTests {
    @Test func aLeaseEndsExactlyWithItsVisibility() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish("a")
        _ = scene.receive(one)
        scene.advance(.seconds(30) - .nanoseconds(1))
        #expect(scene.receive(two).messages.isEmpty)
        scene.advance(.nanoseconds(1))
        let taken = scene.receive(two).messages
        #expect(taken.map(\.attempt) == [2])
        #expect(taken.map(\.origin) == [.expired])
    }

    @Test func theLargerVisibilityCounts() {
        var scene = LogScene()
        let short = scene.join("one", visibility: .seconds(10))
        let long = scene.join("two", visibility: .seconds(20))
        scene.publish("a")
        _ = scene.receive(short)
        scene.advance(.seconds(15))
        #expect(scene.receive(long).messages.isEmpty)
        #expect(scene.wait(long)?.until == Instant(nanoseconds: 20_000_000_000))
        #expect(scene.receive(short).messages.count == 1)
    }

    @Test func aConsumerGetsItsOwnOrphansBack() {
        var scene = LogScene()
        let subscription = scene.join("one")
        scene.publish("a")
        let lost = scene.receive(subscription).messages[0]
        scene.advance(.seconds(30))
        let again = scene.receive(subscription).messages[0]
        #expect(again.receipt > lost.receipt)
        #expect(scene.settle(subscription, lost, .retry(after: .zero)) == "lost")
        #expect(scene.settle(subscription, again, .ack) == "done")
    }

    @Test func extendingKeepsTheLeaseAndCountsNothing() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish("a")
        let held = scene.receive(one).messages[0]
        for _ in 0..<5 {
            scene.advance(.seconds(29))
            #expect(scene.receive(two).messages.isEmpty)
            #expect(scene.extend(one, held) == "done")
        }
        scene.advance(.seconds(30))
        #expect(scene.receive(two).messages.map(\.attempt) == [2])
        #expect(scene.extend(one, held) == "lost")
    }

    @Test func extendingSaysWhatBecameOfTheEntry() {
        var scene = LogScene()
        let subscription = scene.join("one")
        scene.publish("a", "b", "c")
        let held = scene.receive(subscription).messages
        _ = scene.settle(subscription, held[0], .ack)
        #expect(scene.extend(subscription, held[0]) == "settled")
        _ = scene.log.deleteEntry(held[1].receipt.id, of: "orders")
        #expect(scene.extend(subscription, held[1]) == "missing")
        #expect(scene.extend(subscription, held[1]) == "settled")
        _ = scene.settle(subscription, held[2], .retry(after: .seconds(1)))
        #expect(scene.extend(subscription, held[2]) == "settled")
    }

    @Test func anExpiredSecondAttemptIsASuspectAndComesOneAtATime() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish("a", "b", "c")
        _ = scene.receive(one)
        scene.advance(.seconds(30))
        #expect(scene.receive(one).messages.allSatisfy { !$0.isSuspect && $0.attempt == 2 })
        scene.advance(.seconds(30))
        #expect(scene.receive(two, suspects: 0).messages.isEmpty)
        let suspects = scene.receive(two).messages
        #expect(suspects.map(\.isSuspect) == [true])
        #expect(scene.receive(two, suspects: 0).messages.isEmpty)
        #expect(scene.receive(one).messages.map(\.isSuspect) == [true])
    }

    @Test func aRetriedMessageIsNoSuspect() {
        var scene = LogScene()
        let subscription = scene.join("one")
        scene.publish("a")
        for attempt in 1...4 {
            let received = scene.receive(subscription, suspects: 0).messages
            #expect(received.map(\.attempt) == [attempt])
            #expect(received.map(\.origin) == [attempt == 1 ? .new : .retry])
            _ = scene.settle(subscription, received[0], .retry(after: .zero))
        }
    }

    @Test func expiredAndDueTakeAQuarterEachAndTheRestWhatIsLeft() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish((0..<20).map { Message(Payload("\($0)")) })
        for message in scene.receive(one, 10).messages { _ = scene.settle(one, message, .retry(after: .seconds(1))) }
        _ = scene.receive(one, 10)
        scene.advance(.seconds(30))
        scene.publish((0..<20).map { Message(Payload("new \($0)")) })
        func counts(_ received: Received) -> [Int] {
            let origins = received.messages.map(\.origin)
            return [InboundMessage.Origin.expired, .retry, .new].map { origin in origins.count { $0 == origin } }
        }
        #expect(counts(scene.receive(two, 8)) == [2, 2, 4])
        #expect(counts(scene.receive(two, 9)) == [3, 3, 3])
        #expect(counts(scene.receive(two, 100)) == [5, 5, 13])
    }

    @Test(arguments: [1, 2]) func theSourcesTakeTurnsInSmallCalls(limit: Int) {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish((0..<8).map { Message(Payload("\($0)")) })
        for message in scene.receive(one, 4).messages { _ = scene.settle(one, message, .retry(after: .seconds(1))) }
        _ = scene.receive(one, 4)
        scene.advance(.seconds(30))
        scene.publish((0..<8).map { Message(Payload("new \($0)")) })
        let origins = (0..<(6 / limit)).flatMap { _ in scene.receive(two, limit).messages.map(\.origin) }
        #expect(origins == [.new, .expired, .retry, .new, .expired, .retry])
    }

    @Test func manyExpiredLeasesAllComeBack() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        scene.publish((0..<1000).map { Message(Payload("\($0)")) })
        _ = scene.receive(one, 1000)
        scene.advance(.seconds(30))
        var seen: Set<String> = []
        while case let bodies = scene.receive(two, 64).bodies, !bodies.isEmpty { seen.formUnion(bodies) }
        #expect(seen.count == 1000)
    }

    @Test func whatIsGoneFromTheStreamIsReportedOnceAndLeavesThePendingList() {
        var scene = LogScene()
        let subscription = scene.join("one")
        let ids = scene.publish("a", "b", "c")
        let held = scene.receive(subscription).messages
        _ = scene.settle(subscription, held[1], .retry(after: .seconds(1)))
        #expect(scene.log.purge("orders") == 3)
        #expect(scene.settle(subscription, held[2], .ack) == "done")
        scene.advance(.seconds(30))
        let found = scene.receive(subscription)
        #expect(found.messages.isEmpty)
        #expect(Set(found.missing.map(\.id)) == [ids[0], ids[1]])
        #expect(scene.receive(subscription).missing.isEmpty)
        #expect(scene.group()?.pending == 0)
    }
}
