// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Scripts that are refused something", .serialized)
struct RefusedScriptTests {
    @Test("Without the right to remove an entry no dead letter is written and nothing is forwarded")
    func noAck() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            let limited = try await bench.limited("~*", "+@all", "-xack")
            #expect(try await limited.bury(ids, by: "a").elements.map(\.errorCode) == ["NOPERM", "NOPERM"])
            #expect(try await limited.forward(ids[0], by: "a").elements.map(\.errorCode) == ["NOPERM"])
            #expect(try await bench.command("EXISTS", bench.letters, "{orders}:next") == 0)
            #expect(try await limited.extend(ids, by: "a") == [ScriptBench.done, ScriptBench.done])
        }
    }

    @Test("Without the right to store, each entry is refused and stays; its neighbours are carried out")
    func noStoring() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.command("XDEL", bench.stream, ids[1])
            let limited = try await bench.limited("~*", "+@all", "-xadd", "-zadd")
            let buried = try await limited.bury(ids, by: "a").elements
            #expect(buried[0].errorCode == "NOPERM" || buried[0].errorCode == "ERR", "6.2 has no word for it")
            #expect(buried[1] == ScriptBench.missing)
            #expect(try await limited.park([ids[0]], by: "a").elements[0].errorCode == buried[0].errorCode)
            #expect(try await bench.pending() == [.init(id: ids[0], owner: "a", token: 1)])
        }
    }

    @Test("What the user may not run any more is named, with its key")
    func named() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            let retries = try await bench.limited("~*", "+@all", "-zadd")
            let refusal = try await retries.park(ids, by: "a").elements[0].text
            #expect(refusal.hasSuffix("'zadd' on '{orders}:billing:due'"), "\(refusal)")
            let sweeps = try await bench.limited("~*", "+@all", "-xinfo|consumers")
            let text = try await sweeps.sweepAnswer(by: "b", .init()).text
            #expect(text.hasSuffix("'xinfo|consumers' on 'orders'"), "\(text)")
        }
    }

    @Test("Without the key of the dead letters the whole call is refused and nothing has happened")
    func noDestination() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            let limited = try await bench.limited("~orders", "~{orders}:billing:*", "+@all")
            #expect(try await limited.bury(ids, by: "a").errorCode == "NOPERM")
            #expect(try await bench.pending().count == 2)
            #expect(try await limited.park(ids, by: "a") == [ScriptBench.done, ScriptBench.done])
        }
    }

    @Test("Without memory retries and dead letters are refused; leases, extensions and trimming go on")
    func noMemory() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(40, by: "a")
            try await bench.age([ids[0]], of: "a", idle: 40_000)
            try await bench.command("DEL", bench.floor)
            try await bench.command("CONFIG", "SET", "maxmemory", "1")
            var stale = bench
            stale.epoch = "7"
            #expect(try await bench.park([ids[1]], by: "a").errorCode == "OOM")
            #expect(try await stale.sweep(by: "b") { $0.visibility = 30_000 }.expired == [ids[0]: 2])
            try await bench.command("CONFIG", "SET", "maxmemory", "0")
            _ = try await bench.makeGroup()
            try await bench.command("CONFIG", "SET", "maxmemory", "1")
            var current = bench
            current.epoch = try await bench.command("HGET", bench.floor, "epoch").text
            #expect(try await current.park([ids[1]], by: "a").elements.map(\.errorCode) == ["OOM"])
            #expect(try await current.bury([ids[1], ids[2]], by: "a").elements.map(\.errorCode) == ["OOM", "OOM"])
            #expect(try await current.forward(ids[1], by: "a").elements.map(\.errorCode) == ["OOM"])
            #expect(try await current.extend([ids[1]], by: "a") == [ScriptBench.done])
            try await bench.command("XACK", [bench.stream, bench.group] + ids)
            #expect(try await bench.maintain(length: 10) == [30, 0, 0, "", 0])
            try await bench.command("CONFIG", "SET", "maxmemory", "0")
        }
    }

    @Test("Settling in a group that is gone says so for each entry")
    func noGroup() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.park(ids, by: "a").elements.map(\.errorCode) == ["NOGROUP", "NOGROUP"])
            #expect(try await bench.extend(ids, by: "a").elements.map(\.errorCode) == ["NOGROUP", "NOGROUP"])
            #expect(try await bench.bury(ids, by: "a").elements.map(\.errorCode) == ["NOGROUP", "NOGROUP"])
            #expect(try await bench.forward(ids[0], by: "a").elements.map(\.errorCode) == ["NOGROUP"])
            try await bench.command("SET", bench.stream, "junk")
            #expect(try await bench.extend(ids, by: "a").elements.map(\.errorCode) == ["WRONGTYPE", "WRONGTYPE"])
            #expect(try await bench.command("EXISTS", bench.letters) == 0)
            #expect(try await bench.waiting() == [])
        }
    }
}
