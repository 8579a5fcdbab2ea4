// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

@Suite struct SlotMapTests {
    @Test func knowsTheNodeOfEachSlot() throws {
        let map = try MapOfTest().map
        #expect(
            [0, 5460, 5461, 10922, 10923, 16383].map { map.node(of: $0)?.port } == [7001, 7001, 7002, 7002, 7003, 7003])
        #expect(map.replicas.map(\.port) == [7004])
        #expect(map.primaries.map(\.port) == [7001, 7002, 7003])
        #expect(map.epoch == 1)
    }

    @Test(
        arguments: [
            (["", 7001, "one"], "10.0.0.1:7001"),
            ([.null, 7001, "one"], "10.0.0.1:7001"),
            (["?", 7001, "one"], nil),
            (["::1", 7001, "one"], "[::1]:7001"),
            (["redis-1.example", 7001, "one", []], "redis-1.example:7001"),
            (["10.0.0.9", 7001], "10.0.0.9:7001"),
            (["10.0.0.9", 0, "one"], nil),
            (["10.0.0.9", 65536, "one"], nil),
            (["10.0.0.9", "x", "one"], nil),
            (["a b", 7001, "one"], nil),
        ] as [(Told, String?)])
    func readsWhereANodeIs(node: Told, expected: String?) throws {
        let view = try #require(try view([[0, 16383, node]]))
        #expect(view.ranges.map { $0.primary.map { "\($0.address)" } } == [expected])
        #expect(view.covered.count == (expected == nil ? 0 : 16_384))
    }

    @Test func takesTheNameForTheCertificateWhenTheAddressIsANumber() throws {
        func facts(_ node: Told) throws -> RedisNode.Facts? { try view([[0, 1, node]])?.ranges[0].primary }
        let numbered = try facts(["10.0.0.9", 7001, "one", ["hostname", "redis-1.example"]])
        #expect(numbered?.certificateName == "redis-1.example")
        #expect(numbered?.aliases == [.host("redis-1.example", port: 7001)])
        let named = try facts(["redis-1.example", 7001, "one", ["ip", "10.0.0.9"]])
        #expect(named?.certificateName == nil)
        #expect(named?.aliases == [.host("10.0.0.9", port: 7001)])
        #expect(try facts(["10.0.0.9", 7001, "one", ["hostname", ""]])?.certificateName == nil)
    }

    @Test func findsANodeByEachOfItsNames() throws {
        let map = try MapOfTest([[0, 16383, ["10.0.0.9", 7001, "one", ["hostname", "redis-1.example"]]]]).map
        let node = map.node(of: 0)
        #expect(node != nil)
        #expect(map.node(at: .host("redis-1.example", port: 7001)) == node)
        #expect(map.node(at: .host("10.0.0.9", port: 7001)) == node)
        #expect(map.node(at: .host("10.0.0.9", port: 7002)) == nil)
    }

    @Test(
        arguments: [
            [[99999, 99999, ["10.0.0.1", 7001, "one"]]], [[0, 16384, ["10.0.0.1", 7001, "one"]]],
            [[5, 4, ["10.0.0.1", 7001, "one"]]], [[-1, 4, ["10.0.0.1", 7001, "one"]]],
            [["0", "4", ["10.0.0.1", 7001, "one"]]], [["__proto__", 4, ["10.0.0.1", 7001, "one"]]],
            [[0, 4, ["10.0.0.1", 7001, "one"]], [4, 9, ["10.0.0.1", 7002, "two"]]],
            [[0, 4, "10.0.0.1:7001"]], [[0, 4]], [[0]], [[]], [.null], "slots", .null, 7,
            .error("ERR This instance has cluster support disabled"),
        ] as [Told])
    func aViewThatContradictsItselfIsNone(rows: Told) throws {
        #expect(try view(rows) == nil)
    }

    @Test func aSlotThatTheViewDoesNotKnowKeepsItsNode() throws {
        let test = try MapOfTest()
        let less: Told = [[0, 5460, ["10.0.0.1", 7001, "one"]]]
        #expect(try !test.follow(less, epoch: 2))
        #expect(test.map.node(of: 16_383)?.port == 7003)
        #expect(test.map.doubtful == 16_384 - 5461)
        _ = try test.follow(thirds, epoch: 2)
        #expect(test.map.doubtful == 0)
    }

    @Test func anUnknownPrimaryChangesNothing() throws {
        let test = try MapOfTest()
        #expect(try !test.follow([[0, 16383, ["?", 7009, "nine"]]], epoch: 2))
        #expect(test.map.node(of: 0)?.port == 7001)
    }

    @Test func theSameContentIsNoChangeAndKeepsItsNodes() throws {
        let test = try MapOfTest()
        let before = test.map.node(of: 0)
        #expect(try !test.follow(thirds, epoch: 1))
        #expect(test.map.node(of: 0) === before)
        #expect(before != nil)
    }

    @Test func aReplicaThatIsPromotedKeepsItsConnections() throws {
        let test = try MapOfTest()
        let replica = test.map.replicas[0]
        let failedOver: Told = [
            [0, 5460, ["10.0.0.1", 7004, "four"], ["10.0.0.1", 7001, "one"]],
            [5461, 10922, ["10.0.0.1", 7002, "two"]], [10923, 16383, ["10.0.0.1", 7003, "three"]],
        ]
        #expect(try test.follow(failedOver, epoch: 2))
        #expect(test.map.node(of: 0) === replica)
        #expect(test.map.replicas.map(\.port) == [7001])
    }

    @Test func anAddressWithAnotherNameIsAnotherNode() throws {
        let test = try MapOfTest()
        let before = test.map.node(of: 0)
        let other: Told = [[0, 16383, ["10.0.0.1", 7001, "stranger"]]]
        #expect(try test.follow(other, epoch: 2))
        #expect(test.map.node(of: 0)?.port == 7001)
        #expect(test.map.node(of: 0) !== before)
    }

    @Test func anEarlierEpochIsFollowedTheSecondTime() throws {
        let test = try MapOfTest()
        _ = try test.follow(thirds, epoch: 9)
        let earlier: Told = [[0, 16383, ["10.0.0.1", 7002, "two"]]]
        #expect(try !test.follow(earlier, epoch: 3))
        #expect(test.map.node(of: 0)?.port == 7001)
        #expect(try test.follow(earlier, epoch: 3))
        #expect(test.map.node(of: 0)?.port == 7002)
        #expect(test.map.epoch == 3)
    }
}

@Suite struct SlotMapPatchTests {
    @Test func aRedirectionMovesOneSlot() throws {
        let test = try MapOfTest()
        let node = test.note(try #require(Redirection("MOVED 5 10.0.0.1:7003")), by: test.map.node(of: 5))
        #expect(node === test.map.node(of: 16_383))
        #expect([4, 5, 6].map { test.map.node(of: $0)?.port } == [7001, 7003, 7001])
        #expect(test.notes == ["5 to 10.0.0.1:7003"])
        _ = test.note(try #require(Redirection("MOVED 5 10.0.0.1:7003")), by: node)
        #expect(test.notes.count == 1)
    }

    @Test func askLeavesTheMap() throws {
        let test = try MapOfTest()
        let node = test.note(try #require(Redirection("ASK 5 10.0.0.1:7003")), by: nil)
        #expect(node?.port == 7003)
        #expect(test.map.node(of: 5)?.port == 7001)
        #expect(test.notes.isEmpty)
    }

    @Test func aNodeThatIsNotKnownYetIsKeptWhenTheMapTellsOfIt() throws {
        let test = try MapOfTest()
        let redirection = try #require(Redirection("MOVED 0 10.0.0.1:7009"))
        let node = try #require(test.note(redirection, by: nil))
        #expect(test.map.node(of: 0) === node)
        let told: Told = [[0, 0, ["10.0.0.1", 7009, "nine"]], [1, 16383, ["10.0.0.1", 7001, "one"]]]
        _ = try test.follow(told, epoch: 2)
        #expect(test.map.node(of: 0) === node)
    }

    @Test func redirectionsToEndlessNodesLeaveABoundedMap() throws {
        let test = try MapOfTest()
        for round in 0..<5 {
            for slot in 0..<500 {
                let host = "h\(round)-\(slot)"
                _ = test.map.move(slot, to: RedisNode(.init(address: .host(host, port: 1))))
            }
        }
        #expect(test.map.primaries.count <= 2 * 503 + 1)
        #expect(test.map.node(of: 77)?.address == .host("h4-77", port: 1))
    }
}

@Suite struct SlotSetTests {
    @Test(arguments: [0...0, 5...9, 0...63, 63...64, 1...127, 64...128, 100...16383, 0...16383, 16383...16383])
    func hasTheSlotsOfARangeAndNoOthers(range: ClosedRange<Int>) {
        let (isNew, set) = inserting(range, into: SlotSet())
        #expect(isNew)
        #expect((0..<16384).allSatisfy { set.contains($0) == range.contains($0) })
        #expect(set.count == range.count)
        #expect(!inserting(range.lowerBound...range.lowerBound, into: set).isNew)
        #expect(!inserting(range.upperBound...range.upperBound, into: set).isNew)
        guard range.lowerBound > 0 else { return }
        #expect(inserting(range.lowerBound - 1...range.lowerBound - 1, into: set).isNew)
        #expect(!inserting(range.lowerBound - 1...range.lowerBound, into: set).isNew)
    }

    private func inserting(_ range: ClosedRange<Int>, into set: SlotSet) -> (isNew: Bool, set: SlotSet) {
        var set = set
        return (set.insert(range), set)
    }
}

@Suite struct SlotViewTests {
    private func used(_ slots: Int...) -> SlotSet {
        var set = SlotSet()
        for slot in slots { set.insert(slot) }
        return set
    }

    private func best(_ views: [(Told, Int)], _ used: SlotSet) throws -> Int? {
        let views = try views.map { try #require(try view($0.0, epoch: $0.1)) }
        guard case .host(_, let port) = SlotView.best(of: views, for: used)?.ranges.first?.primary?.address else {
            return nil
        }
        return port
    }

    private func whole(_ port: Int) -> Told { [[0, 16383, ["10.0.0.1", .number(port), "x"]]] }
    private func part(_ port: Int) -> Told { [[0, 99, ["10.0.0.1", .number(port), "x"]]] }

    @Test func theLatestEpochWins() throws {
        #expect(try best([(whole(1), 4), (whole(2), 6), (whole(3), 5)], used(7)) == 2)
    }

    @Test func aViewThatMissesASlotInUseDoesNotWin() throws {
        #expect(try best([(whole(1), 4), (part(2), 6)], used(7, 5000)) == 1)
        #expect(try best([(whole(1), 4), (part(2), 6)], used(7, 99)) == 2)
    }

    @Test func ifNoneHasAllTheLargestWins() throws {
        let half: Told = [[0, 8000, ["10.0.0.1", 3, "x"]]]
        #expect(try best([(part(1), 9), (half, 4), (part(2), 6)], used(9000)) == 3)
    }

    @Test func amongEqualsTheSharedOneWins() throws {
        #expect(try best([(whole(1), 4), (whole(2), 4), (whole(2), 4)], used(7)) == 2)
        #expect(try best([], used()) == nil)
    }
}
