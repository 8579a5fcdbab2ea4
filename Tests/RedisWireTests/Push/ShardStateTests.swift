// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// Where the channels of a slot are listened to, event by event.
@Suite struct ShardStateTests {
    /// Two channels of one slot, and one of another.
    private let one = PushTopic.shard("{s}1")
    private let two = PushTopic.shard("{s}2")
    private let other = PushTopic.shard("t")
    private let moved = RedisError(ServerError("MOVED 1 host:1"))
    private let down = RedisError(ServerError("CLUSTERDOWN The cluster is down"))
    private let gone = RedisError(.connection, "the connection was lost", effect: .unknown)

    /// A state in which the channels are confirmed by the node "a".
    private func listening(_ topics: PushTopic...) -> ShardState<String, Int> {
        var state = ShardState<String, Int>()
        for (ticket, topic) in topics.enumerated() {
            _ = state.want(topic, ticket, ticket, owner: "a")
            _ = state.began(topic, at: "a")
        }
        _ = state.searched(chance: 0) { _ in "a" }
        return state
    }

    @Test func theChannelsOfASlotAreAtOneNode() {
        var state = ShardState<String, Int>()
        #expect(state.want(one, 1, 1, owner: "a").steps.map(\.text) == ["add {s}1 a", "search"])
        #expect(state.want(two, 2, 2, owner: "b").steps.map(\.text) == ["add {s}2 a"])
        #expect(state.want(other, 3, 3, owner: "b").steps.map(\.text) == ["add t b"])
        #expect(state.homes == ["a", "b"])
        #expect(state.count == 3 && state.confirmed == 0)
    }

    @Test func aChannelIsAskedForOnceHoweverManyWantIt() throws {
        var state = ShardState<String, Int>()
        _ = state.want(one, 1, 1, owner: "a")
        #expect(state.want(one, 2, 2, owner: "a").steps.isEmpty)
        let results = state.began(one, at: "a").results
        #expect(results.map(\.waiter).sorted() == [1, 2])
        let late = state.want(one, 3, 3, owner: "a")
        try #require(late.result).get()
        for _ in 0..<2 { #expect(state.release(one).isEmpty) }
        #expect(state.release(one).map(\.text) == ["drop {s}1 a"])
        #expect(state.count == 0 && state.homes.isEmpty)
        #expect(state.release(one).isEmpty)
    }

    @Test func aSlotWhoseNodeIsUnknownIsSearchedFor() {
        var state = ShardState<String, Int>()
        #expect(state.want(one, 1, 1, owner: nil).steps.map(\.text) == ["search"])
        #expect(state.searched(chance: 0) { _ in nil }.map(\.text) == ["search"])
        #expect(state.want(two, 2, 2, owner: nil).steps.isEmpty)
        #expect(
            state.searched(chance: 0) { _ in "b" }.map(\.text).sorted() == [
                "add {s}1 b", "add {s}2 b", "search",
            ])
    }

    @Test func aNodeThatIsKnownLaterGetsWhatWaited() {
        var state = ShardState<String, Int>()
        _ = state.want(one, 1, 1, owner: nil)
        #expect(
            state.want(two, 2, 2, owner: "b").steps.map(\.text).sorted() == ["add {s}1 b", "add {s}2 b"])
    }

    @Test func aSlotThatLeavesIsFollowedAsAWholeAndIsOneGap() {
        var state = listening(one, two, other)
        #expect(state.ended(one, at: "a").isGap)
        #expect(!state.ended(two, at: "a").isGap)
        #expect(!state.counts(one, from: "a"))
        #expect(state.counts(other, from: "a"))
        let steps = state.refused(one, moved, at: "a", owner: "b").steps.map(\.text)
        #expect(steps.sorted() == ["add {s}1 b", "add {s}2 b", "drop {s}1 a", "drop {s}2 a"])
        #expect(state.refused(two, moved, at: "a", owner: "b").steps.isEmpty)
        for topic in [one, two] { _ = state.began(topic, at: "b") }
        #expect(state.counts(one, from: "b") && state.confirmed == 3)
        #expect(state.gaps == 1)
    }

    /// The check finds it: the replica had other things to do than to say so.
    @Test func aSlotThatLeftSilentlyIsAGapToo() {
        var state = listening(one, two)
        let outcome = state.refused(one, moved, at: "a", owner: "b")
        #expect(outcome.isGap && state.gaps == 1)
        #expect(!state.counts(two, from: "a"))
        #expect(state.homes == ["b"])
    }

    @Test func whatAnEarlierHomeSaysChangesNothing() {
        var state = listening(one)
        _ = state.refused(one, moved, at: "a", owner: "b")
        #expect(state.began(one, at: "a").results.isEmpty)
        #expect(state.ended(one, at: "a").steps.isEmpty)
        #expect(state.refused(one, down, at: "a").steps.isEmpty)
        #expect(state.lost("a", gone).steps.isEmpty)
        #expect(!state.counts(one, from: "a"))
        #expect(state.confirmed == 0 && state.gaps == 1)
    }

    @Test func aConnectionThatIsLostIsOneGapForAllItsSlots() {
        var state = listening(one, other)
        let outcome = state.lost("a", gone)
        #expect(outcome.isGap && outcome.results.isEmpty)
        #expect(outcome.steps.map(\.text) == ["search"])
        #expect(!state.lost("a", gone).isGap)
        #expect(state.gaps == 1)
        #expect(state.lastError?.message == "the connection was lost")
    }

    /// The node comes back, or another one has taken its place.
    @Test func aLostSlotIsWhereTheMapSays() {
        var state = listening(one, other)
        _ = state.lost("a", gone)
        #expect(state.searched(chance: 0) { _ in "a" }.map(\.text) == ["askAgain a", "search"])
        let slot = RedisSlot(of: "t")
        let steps = state.searched(chance: 0) { $0 == slot ? "b" : "a" }.map(\.text)
        #expect(steps.sorted() == ["add t b", "askAgain a", "drop t a", "search"])
        _ = state.began(other, at: "b")
        _ = state.began(one, at: "a")
        #expect(state.searched(chance: 0) { _ in nil }.isEmpty)
        #expect(state.lastError == nil)
    }

    /// A map may be old; what the node delivers is a fact.
    @Test func aSlotThatIsListenedToStaysWhereItIs() {
        var state = listening(one)
        _ = state.want(other, 9, 9, owner: "a")
        #expect(
            state.searched(chance: 0) { _ in "b" }.map(\.text).sorted() == [
                "add t b", "drop t a", "search",
            ])
        #expect(state.counts(one, from: "a"))
    }

    @Test func twoNodesThatSendEachOtherTheSlotAreFollowedSlowly() {
        var state = ShardState<String, Int>()
        _ = state.want(one, 1, 1, owner: "a")
        var home = "a"
        for _ in 0..<5 {
            let next = home == "a" ? "b" : "a"
            #expect(state.refused(one, moved, at: home, owner: next).steps.count == 2)
            home = next
        }
        #expect(state.refused(one, moved, at: home, owner: "a").steps.isEmpty)
        #expect(
            state.searched(chance: 0) { _ in "a" }.map(\.text) == ["drop {s}1 b", "add {s}1 a", "search"])
        _ = state.began(one, at: "a")
        #expect(state.refused(one, moved, at: "a", owner: "b").steps.map(\.text) == ["drop {s}1 a", "add {s}1 b"])
    }

    @Test func aNodeThatNamesItselfIsAskedAgainLater() {
        var state = listening(one)
        #expect(state.refused(one, moved, at: "a", owner: "a").steps.map(\.text) == ["search"])
        #expect(state.searched(chance: 0) { _ in "a" }.map(\.text) == ["askAgain a", "search"])
    }

    @Test func pausesGrowToASecond() {
        var state = ShardState<String, Int>()
        var pauses = state.want(one, 1, 1, owner: nil).steps.compactMap(\.pause)
        for _ in 0..<6 { pauses += state.searched(chance: 1) { _ in nil }.compactMap(\.pause) }
        #expect(
            pauses.map(\.components.attoseconds).map { $0 / 1_000_000_000_000_000 } == [
                50, 100, 200, 400, 800, 0, 0,
            ])
        #expect(pauses.suffix(2) == [.seconds(1), .seconds(1)])
    }

    @Test func aClusterThatIsDownIsAskedAgainAndNobodyIsToldNo() {
        var state = ShardState<String, Int>()
        _ = state.want(one, 1, 1, owner: "a")
        #expect(state.refused(one, down, at: "a").results.isEmpty)
        #expect(state.searched(chance: 0) { _ in "a" }.map(\.text) == ["askAgain a", "search"])
        #expect(state.began(one, at: "a").results.map(\.waiter) == [1])
        #expect(state.gaps == 0)
    }

    @Test func aRightThatIsMissingIsToldToWhoeverWaits() {
        var state = listening(one)
        let denied = RedisError(ServerError("NOPERM no"))
        _ = state.want(other, 1, 1, owner: "a")
        let outcome = state.refused(other, denied, at: "a")
        #expect(outcome.results.map(\.waiter) == [1])
        #expect(outcome.steps.map(\.text) == ["drop t a"])
        #expect(state.count == 1)
        // A channel that was allowed before stays wanted.
        #expect(state.refused(one, denied, at: "a").results.isEmpty)
        #expect(state.refusal?.message == "NOPERM no")
        #expect(state.isSettled && state.confirmed == 0)
        _ = state.began(one, at: "a")
        #expect(state.refusal == nil && state.confirmed == 1)
    }

    @Test func wrongCredentialsAreToldAtOnce() {
        var state = listening(one)
        _ = state.want(other, 1, 1, owner: "b")
        _ = state.want(other, 2, 2, owner: "b")
        let outcome = state.lost("b", RedisError(ServerError("WRONGPASS no")))
        #expect(outcome.results.map(\.waiter).sorted() == [1, 2])
        #expect(state.count == 1 && state.counts(one, from: "a"))
    }

    @Test func aReceiverWithoutRoomIsNotSearchedFor() {
        var state = listening(one)
        let outcome = state.lost("a", RedisError(.overloaded, "full"))
        #expect(outcome.isGap && outcome.steps.isEmpty)
    }

    @Test func whoGivesUpTakesTheReferenceAlong() {
        var state = ShardState<String, Int>()
        _ = state.want(one, 1, 1, owner: "a")
        _ = state.want(one, 2, 2, owner: "a")
        #expect(state.giveUp(one, 1)?.steps.isEmpty == true)
        #expect(state.giveUp(one, 1) == nil)
        #expect(state.giveUp(one, 2)?.steps.map(\.text) == ["drop {s}1 a"])
    }

    @Test func theEndTakesEverybodyAlong() {
        var state = listening(one)
        _ = state.want(two, 7, 7, owner: "a")
        #expect(state.close() == [7])
        guard case .failure(let error)? = state.want(one, 8, 8, owner: "a").result else {
            Issue.record("it is closed")
            return
        }
        #expect(error.code == .closed)
    }
}

extension ShardState.Step {
    var text: String {
        switch self {
        case .add(let topic, let node): "add \(topic.text) \(node)"
        case .drop(let topic, let node): "drop \(topic.text) \(node)"
        case .askAgain(let node): "askAgain \(node)"
        case .search: "search"
        }
    }

    var pause: Duration? {
        if case .search(let pause) = self { pause } else { nil }
    }
}
