// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// What makes connections leave a server for another one, and what does not, in every order that a partition can
/// produce.
@Suite struct SentinelSwitchTests {
    /// Three Sentinels, and a connection that has proved the server `a` of epoch 4.
    private func served() -> SentinelScript {
        var script = SentinelScript("s1", "s2", "s3")
        _ = script.want()
        for sentinel in ["s1", "s2", "s3"] { _ = script.answer(sentinel, "a", 4) }
        _ = script.prove("a")
        // They are asked again after a second, and from then on every ten.
        _ = script.pass(until: 1000)
        for sentinel in ["s1", "s2", "s3"] { _ = script.answer(sentinel, "a", 4) }
        return script
    }

    @Test func theFirstAnnouncementIsFollowedAtOnceAndTheOthersAreNothing() {
        var script = served()
        #expect(
            script.announce("s2", "b") == [
                "1000: leave a for b, says s2",
                "1000: tell: Left a:6379: s2:26379 says that the primary 'mymaster' is b:6379 now", "1000: offer b",
            ])
        _ = script.pass(until: 1012)
        #expect(script.prove("b") == ["1012: tell: The primary 'mymaster' is b:6379, found after 12 ms"])
        #expect(script.announce("s3", "b") == [])
        #expect(script.announce("s1", "b") == [])
        #expect(script.want() == ["1012: use b"])
    }

    @Test func theOneThatAnnouncesIsAskedForTheEpoch() {
        var script = served()
        _ = script.announce("s2", "b")
        #expect(script.pass(until: 1000) == ["1000: ask s2"])
        #expect(script.answer("s2", "b", 7) == [])
        // Those that lag behind move nobody back.
        #expect(script.answer("s1", "a", 4) == [])
        #expect(script.answer("s3", "a", 6) == [])
        #expect(script.want() == ["1000: use b"])
    }

    @Test func anotherNameIsNothing() {
        var script = served()
        #expect(script.announce("s2", "b", name: "other") == [])
        #expect(script.announce("s2", .other) == [])
        #expect(script.want() == ["1000: use a"])
    }

    @Test func anAnnouncementEndsAWait() {
        var script = served()
        _ = script.doubt("a")
        for sentinel in ["s1", "s2", "s3"] { _ = script.answer(sentinel, "a", 4, isDown: true) }
        #expect(script.refuse("a", isRefuted: false) == [])
        #expect(
            script.announce("s2", "b") == [
                "1000: leave a for b, says s2",
                "1000: tell: Left a:6379: s2:26379 says that the primary 'mymaster' is b:6379 now", "1000: offer b",
            ])
    }

    // MARK: The attacks

    /// The first Sentinel is a black hole, the second does not know the name, the third names a server that is a
    /// replica. Then the first comes back.
    @Test func aBlackHoleAStrangerAndAStaleSentinel() {
        var script = SentinelScript("hole", "stranger", "stale")
        _ = script.want()
        #expect(script.pass(until: 100) == ["100: ask stranger"])
        #expect(script.denyName("stranger") == ["100: ask stale"])
        #expect(script.answer("stale", "replica", 4) == [])
        #expect(script.pass(until: 200) == ["200: offer replica"])
        #expect(script.refuse("replica") == [])
        // It is asked again and again, and the hole with it.
        #expect(script.pass(until: 250) == ["250: ask stale"])
        #expect(script.answer("stale", "replica", 4) == ["250: ask stranger"])
        #expect(script.answer("hole", "primary", 5) == [])
        #expect(
            script.denyName("stranger") == [
                "250: leave replica for primary, says hole",
                "250: tell: Left replica:6379: hole:26379 says that the primary 'mymaster' is primary:6379 now",
                "250: offer primary",
            ])
        #expect(script.prove("primary") == ["250: tell: The primary 'mymaster' is primary:6379, found after 0 ms"])
    }

    /// A Sentinel in the minority still names the old primary, which takes writes there.
    @Test func aMinorityNeverLeadsBackToTheOldPrimary() {
        var script = served()
        _ = script.announce("s2", "b")
        _ = script.answer("s2", "b", 5)
        _ = script.prove("b")
        _ = script.pass(until: 5000)
        _ = script.doubt("b")
        _ = script.answer("s1", "a", 4)
        _ = script.fail("s2")
        #expect(
            script.fail("s3") == [
                "5000: refuse: only s1:26379 answers and still names a:6379 as the primary 'mymaster', which was replaced; "
                    + "are the other Sentinels running?"
            ])
        // As soon as one of the others is back, all goes on.
        _ = script.pass(until: 5050)
        _ = script.answer("s1", "a", 4)
        _ = script.answer("s2", "b", 5)
        #expect(script.fail("s3") == ["5050: offer b"])
    }

    /// Sentinels that were set up anew count from zero: what most of them say holds.
    @Test func aMajorityMayBeginAnew() {
        var script = served()
        _ = script.doubt("a")
        _ = script.answer("s1", "c", 0)
        _ = script.answer("s2", "c", 0)
        #expect(script.fail("s3").contains("1000: offer c"))
    }

    /// The announcement is lost; the poll finds out.
    @Test func aLostAnnouncementIsFoundByThePoll() {
        var script = served()
        #expect(script.pass(until: 10_999) == [])
        #expect(script.pass(until: 11_000) == ["11000: ask s1", "11000: ask s2", "11000: ask s3"])
        #expect(script.answer("s1", "a", 4) == [])
        #expect(
            script.answer("s2", "b", 5) == [
                "11000: leave a for b, says s2",
                "11000: tell: Left a:6379: s2:26379 says that the primary 'mymaster' is b:6379 now", "11000: offer b",
            ])
    }

    /// The same where the Sentinels tell no epochs: all are asked before one is believed.
    @Test func withoutEpochsThePollIsCheckedWithAll() {
        var script = SentinelScript("s1", "s2", "s3")
        _ = script.want()
        for sentinel in ["s1", "s2", "s3"] { _ = script.answer(sentinel, "a", nil) }
        _ = script.prove("a")
        _ = script.pass(until: 1000)
        for sentinel in ["s1", "s2", "s3"] { _ = script.answer(sentinel, "a", nil) }
        #expect(script.pass(until: 11_000).count == 3)
        #expect(script.answer("s1", "b", nil) == ["11000: ask s1"])
        #expect(script.answer("s1", "b", nil) == [])
        #expect(script.answer("s2", "a", nil) == [])
        #expect(script.answer("s3", "a", nil) == ["11000: offer a"])
    }

    /// Two failovers back to back, and the Sentinel that led the first one announces it after the second.
    @Test func backToBackEndsAtTheLastWhateverComesLate() {
        var script = served()
        _ = script.announce("s2", "b")
        _ = script.answer("s2", "b", 5)
        _ = script.prove("b")
        _ = script.announce("s2", "a")
        _ = script.answer("s2", "a", 6)
        #expect(script.want() == ["1000: use a"])
        _ = script.prove("a")
        // Late: from b to a is over, s1 says from a to b.
        #expect(script.announce("s1", "b").contains("1000: offer b"))
        #expect(script.refuse("b") == [])
        #expect(script.pass(until: 1050).contains("1050: ask s3"))
        _ = script.answer("s2", "a", 6)
        _ = script.answer("s3", "a", 6)
        #expect(script.pass(until: 1150).contains("1150: offer a"))
        _ = script.prove("a")
        // And then s1 says from b to a, which is nothing.
        #expect(script.announce("s1", "a") == [])
    }

    // MARK: Doubt

    @Test func whatNobodyUsesAnyMoreIsNotDoubted() {
        var script = served()
        _ = script.announce("s2", "b")
        #expect(script.doubt("a") == [])
        #expect(script.refuse("a") == [])
        #expect(script.prove("a") == [])
    }

    @Test func manyConnectionsThatBreakAreOneDoubt() {
        var script = served()
        #expect(
            script.doubt("a") == [
                "1000: tell: The primary 'mymaster' at a:6379 is in doubt: the connection was lost; asking the Sentinels",
                "1000: ask s1",
            ])
        #expect(script.doubt("a") == [])
        #expect(script.doubt("a") == [])
    }

    @Test func aDoubtWhoseServerIsStillThePrimaryEndsWithALine() {
        var script = served()
        _ = script.doubt("a", isConnected: true)
        _ = script.pass(until: 1001)
        _ = script.answer("s1", "a", 4)
        _ = script.answer("s2", "a", 4)
        #expect(
            script.answer("s3", "a", 4) == [
                "1001: offer a", "1001: tell: The primary 'mymaster' is a:6379, found after 1 ms",
            ])
    }

    @Test func doubtsThatFollowEachOtherAreToldOnceInTenSeconds() {
        var script = served()
        var told = 0
        for _ in 0..<40 {
            told += script.doubt("a").count { $0.contains("in doubt") }
            for sentinel in ["s3", "s2", "s1"] { _ = script.answer(sentinel, "a", 4) }
            _ = script.prove("a")
            _ = script.pass(until: script.time + 500)
        }
        #expect(told == 2)
    }

    @Test func whenNoSentinelAnswersAPersonIsToldThatAFailoverGoesUnnoticed() {
        var script = served()
        var lines: [String] = []
        for second in 1...40 {
            lines += script.pass(until: second * 1000).filter { $0.contains("tell") }
            for sentinel in ["s1", "s2", "s3"] { _ = script.fail(sentinel) }
        }
        #expect(
            lines == [
                "16000: tell: No Sentinel of the primary 'mymaster' answers (s1:26379,s2:26379,s3:26379): a failover would "
                    + "go unnoticed until the connections to a:6379 break"
            ])
        #expect(script.answer("s2", "a", 4) == ["40000: tell: s2:26379 answers again for the primary 'mymaster'"])
    }
}
