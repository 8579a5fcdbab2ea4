// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

@Suite("Routes", .inRealTime) struct RedisRouteTests {
    /// The slots that CLUSTER KEYSLOT says.
    @Test(
        arguments: [
            ("", 0), ("123456789", 12_739), ("foo", 12_182), ("{foo}bar", 12_182), ("bar{foo}{x}", 12_182),
            ("{}foo", 9_500), ("foo{", 7_673), ("foo{{bar}}zap", 4_015),
        ])
    func slotsAreThoseOfACluster(key: String, slot: Int) {
        #expect(RedisSlot(of: key).number == slot)
    }

    @Test func neighboursWithOneRouteAreOneRun() {
        var commands = RedisCommands()
        for key in ["a", "a", "b", "a"] {
            commands.begin(2, "XLEN", for: .key(key))
            commands.add(key)
        }
        let runs = commands.routes.runs
        #expect(runs.map(\.route) == [.key("a"), .key("b"), .key("a")])
        #expect(runs.map(\.command) == [0, 2, 3])
        #expect(runs.map { $0.byte * 4 } == [0, 2 * commands.byteCount, 3 * commands.byteCount])
    }

    @Test func scriptsKeepTheirRoutes() {
        var calls = ScriptCalls()
        for key in ["a", "b"] {
            calls.begin(RedisScript("return 1"), for: .key(key), keys: 1, arguments: 0)
            calls.add(key)
        }
        #expect(calls.routes.runs.map(\.route) == [.key("a"), .key("b")])
    }

    @Test(
        arguments: [
            (["XLEN", "b"], .key("a")), (["XLEN", "a"], .anyNode), (["XLEN", "a"], .everyPrimary),
            (["DEL", "a", "b"], .key("a")), (["EVALSHA", "digest", "2", "a", "b"], .key("a")),
            (["XREADGROUP", "STREAMS", "a", "b", ">", ">"], .key("a")), (["PING"], .key("a")),
            (["XREADGROUP", "STREAMS", "a", "b", ">", ">"], .keys(["a"])), (["SCAN", "0"], .anyNode),
            (["MGET", "a"], .key("a")),
        ] as [([String], RedisRoute)])
    func theRecorderComplainsOfAWrongRoute(words: [String], route: RedisRoute) {
        let recorder = RouteRecorder()
        recorder.willConnect(for: RedisRoutes(route))
        recorder.willSend(command(words, route))
        #expect(recorder.complaints.count == 1)
    }

    @Test(
        arguments: [
            (["XLEN", "{a}:b"], .key("a")), (["DEL", "a", "{a}:b"], .key("a")), (["PING"], .anyNode),
            (["EVALSHA", "digest", "1", "a", "b"], .key("a")), (["CLIENT", "ID"], .key("a")),
            (["XREADGROUP", "STREAMS", "a", "b", ">", ">"], .keys(["a", "b"])), (["SCAN", "0"], .everyPrimary),
        ] as [([String], RedisRoute)])
    func theRecorderAcceptsARightRoute(words: [String], route: RedisRoute) {
        let recorder = RouteRecorder()
        recorder.willConnect(for: RedisRoutes(route))
        recorder.willSend(command(words, route))
        #expect(recorder.complaints == [] && recorder.seen == [words[0]])
    }

    @Test(
        arguments: [
            (.key("a"), [.key("b")]), (.key("a"), [.anyNode]), (.anyNode, []), (.everyPrimary, [.keys(["a", "b"])]),
            (.keys(["a", "b"]), [.key("a")]),
        ] as [(RedisRoute, [RedisRoute])])
    func theRecorderComplainsOfAConnectionForOtherRoutes(route: RedisRoute, wanted: [RedisRoute]) {
        let recorder = RouteRecorder()
        for other in wanted { recorder.willConnect(for: RedisRoutes(other)) }
        recorder.willSend(command(["CLIENT", "ID"], route))
        #expect(recorder.complaints.contains("no connection was for \(route)"))
    }

    @Test(
        arguments: [
            (.key("{a}:b"), [.key("a")]), (.anyNode, [.key("a")]), (.key("a"), [.everyPrimary]),
            (.key("b"), [.keys(["a", "b"])]), (.keys(["a", "b"]), [.key("a"), .key("b")]),
        ] as [(RedisRoute, [RedisRoute])])
    func theRecorderAcceptsAConnectionForTheRoute(route: RedisRoute, wanted: [RedisRoute]) {
        let recorder = RouteRecorder()
        for other in wanted { recorder.willConnect(for: RedisRoutes(other)) }
        recorder.willSend(command(["CLIENT", "ID"], route))
        #expect(!recorder.complaints.contains("no connection was for \(route)"))
    }

    private func command(_ words: [String], _ route: RedisRoute) -> RedisCommands {
        var batch = RedisCommands()
        let names: [String: StaticString] = [
            "XLEN": "XLEN", "DEL": "DEL", "EVALSHA": "EVALSHA", "XREADGROUP": "XREADGROUP", "PING": "PING",
            "SCAN": "SCAN", "MGET": "MGET", "CLIENT": "CLIENT",
        ]
        batch.begin(words.count, names[words[0]] ?? "", for: route)
        for word in words.dropFirst() { batch.add(word) }
        return batch
    }
}
