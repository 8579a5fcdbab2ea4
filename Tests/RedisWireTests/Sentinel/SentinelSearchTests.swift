// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// How the Sentinels are searched for the primary: in which order, how long, and whose answer counts.
@Suite struct SentinelSearchTests {
    @Test func theFirstAnswerMakesAllOthersBeAskedAndTheGreatestEpochWins() {
        var script = SentinelScript("s1", "s2", "s3")
        #expect(script.want() == ["0: ask s1 and for others"])
        #expect(script.pass(until: 20) == [])
        #expect(script.answer("s1", "old", 4) == ["20: ask s2", "20: ask s3"])
        #expect(script.pass(until: 30) == [])
        #expect(script.answer("s2", "new", 5) == [])
        #expect(script.answer("s3", "new", 5) == ["30: offer new"])
        #expect(script.want() == ["30: use new"])
    }

    @Test func aSentinelThatTakesLongIsNotWaitedForAlone() {
        var script = SentinelScript("s1", "s2", "s3")
        #expect(script.want() == ["0: ask s1 and for others"])
        #expect(script.pass(until: 250) == ["100: ask s2", "200: ask s3"])
        #expect(script.answer("s3", "a", 1) == [])
        // The others have another 100 ms, no more.
        #expect(script.pass(until: 350) == ["350: offer a"])
        #expect(script.pass(until: 500) == ["500: drop s1"])
    }

    @Test func anAnswerWithoutAnAddressMakesTheNextBeAskedAtOnce() {
        var script = SentinelScript("s1", "s2", "s3")
        _ = script.want()
        #expect(script.fail("s1") == ["0: ask s2 and for others"])
        #expect(script.denyName("s2") == ["0: ask s3"])
        #expect(script.answer("s3", "a", 1) == ["0: offer a"])
    }

    @Test func theOneThatWasRightIsAskedFirstTheNextTime() {
        var script = SentinelScript("s1", "s2")
        _ = script.want()
        _ = script.fail("s1")
        #expect(script.answer("s2", "a", 1) == ["0: offer a"])
        _ = script.prove("a")
        #expect(
            script.doubt("a") == [
                "0: tell: The primary 'mymaster' at a:6379 is in doubt: the connection was lost; asking the Sentinels",
                "0: ask s2",
            ])
    }

    @Test func aServerThatIsDownIsStillUsedIfItIsTheNewest() {
        var script = SentinelScript("s1", "s2")
        _ = script.want()
        _ = script.answer("s1", "cutOff", 4)
        #expect(script.answer("s2", "newest", 5, isDown: true) == ["0: offer newest"])
    }

    @Test func withoutEpochsMostVotesWinAndAServerThatIsDownLoses() {
        var script = SentinelScript("s1", "s2", "s3")
        _ = script.want()
        _ = script.answer("s1", "a", nil)
        _ = script.answer("s2", "b", nil)
        #expect(script.answer("s3", "b", nil) == ["0: offer b"])

        var other = SentinelScript("s1", "s2", "s3")
        _ = other.want()
        _ = other.answer("s1", "a", nil)
        _ = other.answer("s2", "b", nil, isDown: true)
        #expect(other.answer("s3", "b", nil, isDown: true) == ["0: offer a"])
    }

    // MARK: Three causes, three errors

    @Test func noneCanBeReached() {
        var script = SentinelScript("s1", "s2")
        _ = script.want()
        _ = script.fail("s1")
        #expect(
            script.pass(until: 500) == [
                "75: ask s1", "500: drop s2",
                "500: refuse: no Sentinel of the primary 'mymaster' answers: s1:26379 (connection refused), "
                    + "s2:26379 (no answer within 500 ms); are they running, are their addresses right?",
            ])
    }

    @Test func noneKnowsTheName() {
        var script = SentinelScript("s1", "s2", "s3")
        _ = script.want()
        _ = script.denyName("s1")
        _ = script.fail("s2")
        #expect(
            script.denyName("s3") == [
                "0: refuse: no Sentinel knows a primary 'mymaster', as s1:26379,s3:26379 says; is it the name that stands "
                    + "behind 'sentinel monitor' in its configuration?"
            ])
    }

    @Test func whatTheyNameIsNoPrimary() {
        var script = SentinelScript("s1")
        _ = script.want()
        _ = script.answer("s1", "replica", 1)
        #expect(script.refuse("replica") == [])
        // The wait grows up to a second, of which chance takes half.
        #expect(script.pass(until: 50) == ["50: ask s1"])
        #expect(script.answer("s1", "replica", 1) == ["50: offer replica"])
        #expect(script.refuse("replica") == [])
        #expect(script.pass(until: 150) == ["150: ask s1"])
        for _ in 0..<6 {
            _ = script.answer("s1", "replica", 1)
            _ = script.refuse("replica")
            _ = script.pass(until: script.time + 500)
        }
        _ = script.answer("s1", "replica", 1)
        _ = script.refuse("replica")
        let began = script.time
        #expect(script.pass(until: began + 500) == ["\(began + 500): ask s1"])
    }

    @Test func everySentinelRefusesTheLogin() {
        var script = SentinelScript("s1")
        _ = script.want()
        #expect(
            script.fail("s1", "WRONGPASS invalid", refusal: "WRONGPASS invalid") == [
                "0: refuse: every Sentinel of the primary 'mymaster' refuses the login: s1:26379 (WRONGPASS invalid); "
                    + "check 'username' and 'password' under 'sentinel', since the ones of the data are not sent to "
                    + "Sentinels"
            ])
    }

    @Test func whileNoneAnswersTheWaitGrowsToTwoSeconds() {
        var script = SentinelScript("s1")
        _ = script.want()
        var waits: [Int] = []
        for _ in 0..<8 {
            _ = script.fail("s1")
            let began = script.time
            while script.pass(until: script.time + 1).allSatisfy({ !$0.hasSuffix("ask s1 and for others") }) {}
            waits.append(script.time - began)
        }
        // Half of 100 ms, 200 ms, … 2 s; the Sentinel itself is tried again too, which comes first now and then.
        #expect(waits.allSatisfy { $0 <= 1000 })
        #expect(waits.last ?? 0 > 500)
    }
}
