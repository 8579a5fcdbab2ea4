// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import Testing

/// Which Sentinels are asked and listened to.
@Suite struct SentinelRosterTests {
    private func peer(_ host: String, id: String? = nil) -> SentinelPeer {
        SentinelPeer(SentinelScript.sentinel(host), id: id)
    }

    private func hosts(_ script: SentinelScript) -> Set<String> {
        Set(script.state.sentinels.map { "\($0)".replacing(":26379", with: "") })
    }

    @Test func othersAreAddedAndAskedAtOnce() {
        var script = SentinelScript("s1")
        _ = script.want()
        #expect(script.answer("s1", "a", 1, peers: [peer("s2"), peer("s3")]) == ["0: offer a"])
        #expect(script.pass(until: 0) == ["0: ask s2", "0: ask s3"])
        #expect(hosts(script) == ["s1", "s2", "s3"])
    }

    @Test func configuredOnesStayAndOthersGoWhenTheyFailAndAreNotNamed() {
        var script = SentinelScript("s1", "s2")
        _ = script.want()
        _ = script.answer("s1", "a", 1, peers: [peer("s3"), peer("s4")])
        _ = script.pass(until: 0)
        for sentinel in ["s2", "s3"] { _ = script.fail(sentinel) }
        // What is named stays although it fails, what is not named and answers stays too.
        _ = script.answer("s4", "a", 1, peers: [peer("s1"), peer("s3")])
        #expect(hosts(script) == ["s1", "s2", "s3", "s4"])
        #expect(script.answer("s4", "a", 1, peers: [peer("s1")]).contains("0: drop s3"))
        #expect(hosts(script) == ["s1", "s2", "s4"])
    }

    @Test func oneThatHasTwoAddressesIsAskedOnce() {
        var script = SentinelScript("name")
        _ = script.want()
        _ = script.answer("name", "a", 1, id: "id1", peers: [peer("s2", id: "id2")])
        _ = script.pass(until: 0)
        _ = script.answer("s2", "a", 1, id: "id2", peers: [peer("10.0.0.1", id: "id1")])
        #expect(hosts(script) == ["name", "s2"])
    }

    @Test func oneWhoseSecondAddressWasAddedFirstIsDropped() {
        var script = SentinelScript("name1", "name2")
        _ = script.want()
        _ = script.answer("name1", "a", 1, id: "id1", peers: [peer("10.0.0.2", id: "id2")])
        #expect(hosts(script) == ["name1", "name2", "10.0.0.2"])
        #expect(script.answer("name2", "a", 1, id: "id2") == ["0: drop 10.0.0.2", "0: offer a"])
        #expect(hosts(script) == ["name1", "name2"])
    }

    @Test func thereAreFiveAtMost() {
        var script = SentinelScript("s1")
        _ = script.want()
        _ = script.answer("s1", "a", 1, peers: (0..<100).map { peer("other\($0)") })
        #expect(script.state.sentinels.count == 5)
    }

    @Test func oneThatJoinsIsAskedFor() {
        var script = SentinelScript("s1")
        _ = script.want()
        _ = script.answer("s1", "a", 1)
        _ = script.prove("a")
        _ = script.announce("s1", .joined(name: "other"))
        #expect(script.pass(until: 1) == [])
        _ = script.announce("s1", .joined(name: "mymaster"))
        #expect(script.pass(until: 1) == ["1: ask s1 and for others"])
    }

    @Test func theOthersAreAskedForEveryThirtySeconds() {
        var script = SentinelScript("s1")
        _ = script.want()
        _ = script.answer("s1", "a", 1)
        _ = script.prove("a")
        var lines: [String] = []
        for second in 1...65 {
            let asked = script.pass(until: second * 1000)
            if !asked.isEmpty { _ = script.answer("s1", "a", 1) }
            lines += asked.filter { $0.hasSuffix("others") }
        }
        #expect(lines.count == 2)
    }

    @Test func oneWithoutAnAnswerIsDroppedAndTriedAgainMoreAndMoreRarely() {
        var script = SentinelScript("s1", "s2")
        _ = script.want()
        _ = script.answer("s1", "a", 1)
        _ = script.answer("s2", "a", 1)
        _ = script.prove("a")
        var asks = 0
        for second in 1...60 {
            for line in script.pass(until: second * 1000) {
                if line.contains("ask s1") { _ = script.answer("s1", "a", 1) }
                if line.contains("ask s2") { asks += 1 }
            }
        }
        #expect((8...16).contains(asks))
    }
}
