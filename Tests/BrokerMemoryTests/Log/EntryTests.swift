// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import Testing

@Suite struct EntryTests {
    @Test func idsSayWhenAndRiseWithinAMillisecond() {
        var scene = LogScene()
        let ids = scene.publish("a", "b")
        #expect(ids.map(\.description) == ["1700000000000-0", "1700000000000-1"])
    }

    @Test func idsRiseWhenTheWallClockIsSetBack() {
        var scene = LogScene()
        let before = scene.publish("a")
        scene.time.timestamp = Timestamp(milliseconds: 5)
        let after = scene.publish("b")
        #expect(before[0] < after[0])
        #expect(after[0].milliseconds == before[0].milliseconds)
    }

    @Test func noEntryHasTheLeastID() {
        var scene = LogScene()
        scene.time.timestamp = Timestamp(milliseconds: -7)
        #expect(scene.publish("a").map(\.description) == ["0-1"])
    }

    @Test func publishingBehindTheGreatestIDIsRefusedAndItsNeighboursAreStored() {
        var scene = LogScene()
        scene.log.advanceIDs(of: "full", to: .maximum)
        let entries = ["full", "orders"].map { PublishBatch.Entry(stream: StreamName($0), message: Message("x")) }
        let results = scene.log.publish(entries, at: scene.time)
        #expect(throws: BrokerError.self) { try results[0].get() }
        #expect(throws: Never.self) { try results[1].get() }
    }

    @Test func readsThePast() {
        var scene = LogScene()
        let ids = scene.publish("a", "b", "c", "d")
        func bodies(_ stored: [StoredMessage]) -> [String] { stored.map(\.message.payload.string) }
        #expect(bodies(scene.log.latest(2, of: "orders")) == ["d", "c"])
        #expect(bodies(scene.log.range(ids[1]...ids[2], of: "orders", limit: 9)) == ["b", "c"])
        #expect(bodies(scene.log.range(ids[0]...ids[3], of: "orders", limit: 1)) == ["a"])
        #expect(bodies(scene.log.tail("orders", after: ids[2], limit: 9).entries) == ["d"])
        #expect(scene.log.latest(5, of: "unknown").isEmpty)
    }

    @Test func aReaderAtTheEndIsWokenByTheNextEntryOnce() {
        var scene = LogScene()
        let reader = scene.log.tail("orders", after: .zero, limit: 9).reader
        scene.publish("a")
        #expect(scene.log.takeWakes() == [reader])
        scene.publish("b")
        #expect(scene.log.takeWakes().isEmpty)
    }

    @Test func aDeletedEntryIsNeitherReadNorDeliveredNorCounted() {
        var scene = LogScene()
        let subscription = scene.join("one")
        let ids = scene.publish("a", "b", "c")
        let deletions = (0..<2).map { _ in scene.log.deleteEntry(ids[1], of: "orders") }
        #expect(deletions == [true, false])
        #expect(scene.length() == 2)
        #expect(scene.group()?.lag == 2)
        #expect(scene.log.latest(9, of: "orders").map(\.message.payload.string) == ["c", "a"])
        #expect(scene.receive(subscription).bodies == ["a", "c"])
    }
}
