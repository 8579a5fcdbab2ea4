// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Testing

@Suite struct GroupTests {
    @Test func consumersOfAGroupShareAndGroupsDoNot() {
        var scene = LogScene()
        let (one, two) = (scene.join("one"), scene.join("two"))
        let other = scene.join("three", group: "search")
        scene.publish("a", "b", "c")
        #expect(scene.receive(one, 2).bodies == ["a", "b"])
        #expect(scene.receive(two).bodies == ["c"])
        #expect(scene.receive(other).bodies == ["a", "b", "c"])
    }

    @Test func consumersThatHaveComeAndGoneAreForgotten() throws {
        var scene = LogScene()
        scene.publish("a")
        let first = scene.join("first")
        let held = try #require(scene.receive(first).messages.first)
        scene.log.unsubscribe(first)
        for number in 0..<1000 { scene.log.unsubscribe(scene.join(ConsumerName("\(number)"))) }
        #expect(scene.log.knownConsumers < 100)
        let again = scene.join("first")
        #expect(scene.settle(again, held, .retry(after: .zero)) == "done", "who holds something is the same as before")
    }

    @Test func aGroupThatSomebodyMakesAgainWithItsStreamLooksLikeTheOneBefore() {
        var scene = LogScene()
        let subscription = scene.join("one")
        let ids = scene.publish("a", "b")
        let former = scene.receive(subscription).messages
        let waiter = scene.wait(subscription)
        _ = scene.log.takeWakes()
        scene.log.remake("orders", with: [StoredMessage(id: ids[1], message: Message(Payload("new")))])
        #expect(scene.log.takeWakes() == [waiter?.number])
        #expect(scene.settle(subscription, former[1], .ack) == "settled", "it has not been given out yet")
        #expect(scene.receive(subscription).bodies == ["new"])
        #expect(scene.settle(subscription, former[1], .ack) == "done", "nothing tells the one from the other")
        #expect(scene.publish("c")[0] > ids[1])
    }

    @Test func beginsWhereItIsTold() {
        var scene = LogScene()
        let ids = scene.publish("a", "b")
        scene.advance(.seconds(1))
        scene.publish("c")
        let starts: [StartPosition] = [.earliest, .latest, .after(ids[0]), .time(scene.time.timestamp)]
        let subscriptions = starts.enumerated().map { scene.join("me", group: GroupName("g\($0)"), start: $1) }
        scene.publish("d")
        #expect(subscriptions.map { scene.receive($0).bodies.joined() } == ["abcd", "d", "bcd", "cd"])
    }

    @Test func mayBeginInTheFuture() {
        var scene = LogScene()
        let subscription = scene.join("one", start: .time(scene.time.timestamp + .seconds(10)))
        scene.publish("early")
        #expect(scene.group()?.lag == 0)
        #expect(scene.receive(subscription).bodies.isEmpty)
        scene.advance(.seconds(10))
        scene.publish("in time")
        #expect(scene.receive(subscription).bodies == ["in time"])
    }

    @Test func keepsItsPositionWhenSomebodyElseJoins() {
        var scene = LogScene()
        let one = scene.join("one")
        scene.publish("a")
        _ = scene.receive(one)
        let two = scene.join("two", start: .earliest)
        #expect(scene.receive(two).bodies.isEmpty)
    }

    @Test func aPatternReadsWhatExistsAndWhatAppearsFromTheBeginning() {
        var scene = LogScene()
        scene.publish("old", to: "agent.a")
        let subscription = scene.join("one", "agent.*", start: .latest)
        let waiter = scene.wait(subscription)
        scene.publish("first", to: "agent.b")
        scene.publish("not ours", to: "other")
        #expect(scene.log.takeWakes() == [waiter?.number])
        let received = scene.receive(subscription)
        #expect(received.bodies == ["first"])
        #expect(scene.settle(subscription, received.messages[0], .ack) == "done")
    }

    @Test func aPatternWithoutAnyStreamIsWokenByTheFirst() {
        var scene = LogScene()
        let waiter = scene.wait(scene.join("one", "agent.*"))
        scene.publish("a", to: "agent.a")
        #expect(scene.log.takeWakes() == [waiter?.number])
    }

    @Test func noStreamOfAPatternWaitsBehindABusyOne() {
        var scene = LogScene()
        scene.publish((0..<50).map { Message(Payload("busy \($0)")) }, to: "agent.a")
        scene.publish("quiet", to: "agent.b")
        let subscription = scene.join("one", "agent.*")
        #expect((scene.receive(subscription, 10).bodies + scene.receive(subscription, 10).bodies).contains("quiet"))
    }

    @Test func statisticsCountWhatAGroupHasBeforeIt() {
        var scene = LogScene()
        let subscription = scene.join("one")
        scene.publish("a", "b", "c")
        let received = scene.receive(subscription, 2)
        #expect(scene.settle(subscription, received.messages[1], .retry(after: .seconds(5))) == "done")
        scene.advance(.seconds(2))
        let expected = StreamStatistics.Group(
            name: "billing", pending: 2, parked: 1, lag: 1, oldestPendingAge: .seconds(2), consumers: 1)
        #expect(scene.group() == expected)
        scene.log.unsubscribe(subscription)
        #expect(scene.group()?.consumers == 0)
        #expect(scene.group()?.pending == 2)
    }

    @Test func aDestroyedGroupBeginsAgainAtItsFloorInANewEpoch() {
        var scene = LogScene()
        let subscription = scene.join("one")
        scene.publish("a", "b", "c")
        let first = scene.receive(subscription).messages
        #expect(scene.settle(subscription, first[0], .ack) == "done")
        _ = scene.log.maintain(MaintenanceRequest(streams: []), at: scene.time.timestamp)
        scene.log.destroyGroup("billing", of: "orders")
        #expect(scene.settle(subscription, first[1], .ack) == "settled")
        let again = scene.receive(subscription)
        #expect(again.bodies == ["b", "c"])
        #expect(again.messages[0].receipt > first[1].receipt)
        #expect(scene.settle(subscription, first[1], .ack) == "settled")
        #expect(scene.group()?.pending == 2)
    }

    @Test func aWaiterOfADestroyedGroupIsWokenToCreateItAgain() {
        var scene = LogScene()
        let subscription = scene.join("one")
        let waiter = scene.wait(subscription)
        scene.log.flush()
        #expect(scene.log.takeWakes() == [waiter?.number])
        #expect(scene.receive(subscription).bodies.isEmpty)
        scene.publish("a")
        #expect(scene.receive(subscription).bodies == ["a"])
    }
}
