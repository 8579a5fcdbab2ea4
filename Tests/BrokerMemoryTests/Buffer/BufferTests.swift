// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Testing

/// A log that keeps what somebody has still to settle, within bounds.
@Suite struct BufferTests {
    private static func scene(
        _ limit: Int = 4, bytes: Int = 1 << 20, _ overflow: BufferBounds.Overflow = .dropOldest
    ) -> LogScene {
        var bounds = BufferBounds()
        bounds.limit = limit
        bounds.bytes = bytes
        bounds.overflow = overflow
        return LogScene(bounds: bounds)
    }

    @Test func whatEveryGroupHasSettledIsRemovedAtOnce() {
        var scene = Self.scene()
        let subscriptions = [scene.join("a", group: "billing"), scene.join("b", group: "search")]
        scene.take("0", "1")
        let held = subscriptions.map { scene.receive($0).messages }
        #expect(scene.settle(subscriptions[0], held[0][1], .ack) == "done")
        #expect(scene.kept == 2)
        #expect(scene.settle(subscriptions[1], held[1][1], .ack) == "done")
        #expect(scene.kept == 1)
        #expect(scene.settle(subscriptions[0], held[0][0], .ack) == "done")
        #expect(scene.settle(subscriptions[1], held[1][0], .ack) == "done")
        #expect(scene.log.bufferReport == BufferReport())
    }

    @Test func whatNoGroupReadsIsNotKept() {
        var scene = Self.scene()
        scene.take("0", "1", to: "strange")
        #expect(scene.kept == 0)
        #expect(scene.length(of: "strange") == nil)
    }

    @Test func theOldestThatNobodyHoldsGivesWay() {
        var scene = Self.scene()
        let subscription = scene.join("a")
        scene.take("0", "1", "2", "3")
        let held = scene.receive(subscription, 2).messages
        scene.take("4", "5", "6")
        #expect(scene.kept == 4)
        #expect(scene.log.bufferReport?.dropped == 3)
        #expect(scene.settle(subscription, held[0], .ack) == "done")
        #expect(scene.settle(subscription, held[1], .ack) == "done")
        #expect(scene.receive(subscription).bodies == ["5", "6"])
    }

    @Test func whatWasGivenUpIsTheOldestAgain() {
        var scene = Self.scene()
        let subscription = scene.join("a")
        scene.take("0", "1", "2", "3")
        let held = scene.receive(subscription, 2).messages
        scene.take("4")
        #expect(scene.settle(subscription, held[0], .retry(after: .seconds(1))) == "done")
        scene.take("5")
        scene.advance(.seconds(2))
        #expect(scene.receive(subscription).bodies == ["3", "4", "5"])
        #expect(scene.group()?.pending == 4)
        #expect(scene.settle(subscription, held[0], .ack) == "settled")
    }

    @Test func whileEverythingIsHeldTheNewestGivesWay() {
        var scene = Self.scene(2)
        let subscription = scene.join("a")
        scene.take("0", "1")
        let held = scene.receive(subscription).messages
        scene.take("2")
        #expect(scene.kept == 2)
        #expect(held.map { scene.settle(subscription, $0, .ack) } == ["done", "done"])
        #expect(scene.receive(subscription).messages.isEmpty)
    }

    @Test(arguments: [BufferBounds.Overflow.dropNewest, .disconnect])
    func theNewestGivesWayWhereThatIsAsked(overflow: BufferBounds.Overflow) {
        var scene = Self.scene(2, overflow)
        let subscription = scene.join("a")
        let isFull = [scene.take("0", "1"), scene.take("2")]
        #expect(isFull == [false, true])
        #expect(scene.receive(subscription).bodies == ["0", "1"])
        #expect(scene.log.bufferReport?.dropped == 1)
    }

    @Test func bytesCountAsEntriesDo() {
        var scene = Self.scene(1000, bytes: 4096)
        let subscription = scene.join("a")
        for number in 0..<40 { scene.take(String(repeating: "\(number % 10)", count: 700)) }
        #expect(scene.kept == 4)
        #expect(scene.log.bufferReport?.dropped == 36)
        #expect((scene.log.bufferReport?.bytes ?? .max) <= 4096)
        scene.take(String(repeating: "x", count: 5000))
        #expect(scene.kept == 4)
        #expect(scene.log.bufferReport?.oversized == 1)
        #expect(scene.receive(subscription).bodies.compactMap(\.first) == ["6", "7", "8", "9"])
    }

    @Test func theBoundsHoldOverAllStreams() {
        var scene = Self.scene()
        let subscriptions = ["a", "b", "c"].map { scene.join("one", $0) }
        for number in 0..<9 { scene.take("\(number)", to: StreamName(["a", "b", "c"][number % 3])) }
        #expect(scene.kept == 4)
        #expect(subscriptions.flatMap { scene.receive($0).bodies }.sorted() == ["5", "6", "7", "8"])
    }

    @Test func aStreamThatOnlyAPatternReadsGoesWithItsLastEntry() {
        var scene = Self.scene(100)
        let subscription = scene.join("a", "agent.*")
        var ids: Set<MessageID> = []
        for round in 0..<50 {
            scene.take("x", to: StreamName("agent.\(round % 2)"))
            let message = scene.receive(subscription).messages[0]
            #expect(ids.insert(message.receipt.id).inserted)
            #expect(scene.settle(subscription, message, .ack) == "done")
            #expect(scene.log.statistics(of: StreamSelection("*"), at: scene.time.timestamp).isEmpty)
            #expect(scene.settle(subscription, message, .retry(after: .zero)) == "settled")
        }
    }

    @Test func aWaiterOfAPatternIsWokenByAStreamThatWasLetGo() {
        var scene = Self.scene()
        let subscription = scene.join("a", "agent.*")
        scene.take("x", to: "agent.one")
        #expect(scene.settle(subscription, scene.receive(subscription).messages[0], .ack) == "done")
        let waiter = scene.wait(subscription)
        scene.take("y", to: "agent.one")
        #expect(scene.log.takeWakes() == waiter.map { [$0.number] })
    }

    @Test func deadLettersAreKeptForWhoeverComes() {
        var scene = Self.scene(3)
        let subscription = scene.join("a")
        for number in 0..<5 {
            scene.take("\(number)")
            let note = DeadLetterNote(reason: .rejected, error: "", attempts: 1)
            #expect(scene.settle(subscription, scene.receive(subscription).messages[0], .deadLetter(note)) == "done")
        }
        #expect(scene.kept == 3)
        #expect(scene.log.bufferReport?.dropped == 2)
        let reader = scene.join("b", "{orders}:dead", start: .latest)
        #expect(scene.receive(reader).bodies == ["2", "3", "4"])
    }

    @Test func aGroupThatNobodyConsumesIsLetGo() {
        var scene = Self.scene()
        let subscription = scene.join("a", group: "left")
        let other = scene.join("b", group: "right")
        scene.take("0", "1")
        scene.log.unsubscribe(subscription)
        scene.log.dropAbandonedGroups()
        let messages = scene.receive(other).messages
        #expect(messages.map { scene.settle(other, $0, .ack) } == ["done", "done"])
        #expect(scene.kept == 2)
        scene.log.dropAbandonedGroups()
        #expect(scene.kept == 0)
        #expect(scene.group("right") != nil)
    }

    /// Parked entries stay at the front while a hundred thousand pass: their places must not.
    @Test func whatStaysLongKeepsNoPlacesOfWhatPassed() {
        var scene = Self.scene(10)
        let subscription = scene.join("a")
        scene.take("long")
        #expect(
            scene.settle(subscription, scene.receive(subscription).messages[0], .retry(after: .seconds(3600))) == "done"
        )
        for number in 0..<5000 {
            scene.take("\(number)")
            #expect(scene.settle(subscription, scene.receive(subscription).messages[0], .ack) == "done")
        }
        #expect(scene.kept == 1)
        scene.advance(.seconds(3601))
        #expect(scene.receive(subscription).bodies == ["long"])
    }
}

extension LogScene {
    /// Lets messages come in; returns whether one found no room.
    @discardableResult
    mutating func take(_ bodies: String..., to stream: StreamName = "orders") -> Bool {
        log.take(bodies.map { .init(stream: stream, message: Message(Payload($0))) }, at: time)
    }

    /// How many entries are kept.
    var kept: Int? { log.bufferReport?.entries }
}
