// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: extend", .serialized)
struct ExtendScriptTests {
    private func idle(_ id: String, _ bench: ScriptBench) async throws -> Int {
        try await bench.command("XPENDING", bench.stream, bench.group, id, id, "1").elements[0].elements[2].integer
    }

    @Test("An extension lets the lease begin anew and counts nothing, however often it is repeated")
    func extends() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            for _ in 0..<2 {
                try await bench.age(ids, of: "a", idle: 60_000)
                #expect(try await bench.extend(ids, by: "a") == [ScriptBench.done])
                #expect(try await idle(ids[0], bench) < 30_000)
            }
            #expect(try await bench.pending() == [.init(id: ids[0], owner: "a", token: 1)])
        }
    }

    @Test("A retry in place counts once, also when it is repeated")
    func renews() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            for _ in 0..<2 { #expect(try await bench.extend(ids, by: "a", to: 2) == [ScriptBench.done]) }
            #expect(try await bench.pending() == [.init(id: ids[0], owner: "a", token: 2)])
            #expect(try await bench.extend(ids, by: "a", token: 1) == [ScriptBench.lost])
        }
    }

    @Test("Only the holder of this very lease extends it")
    func fencing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            try await bench.age(ids, of: "a", idle: 60_000)
            #expect(try await bench.extend(ids, by: "b") == [ScriptBench.lost])
            #expect(try await bench.extend(ids, by: "a", token: 5) == [ScriptBench.lost])
            #expect(try await bench.extend(ids, by: "a", epoch: "1") == [ScriptBench.settled])
            #expect(try await idle(ids[0], bench) >= 60_000)
        }
    }

    @Test("Without the floor, which is at another node then, the epoch counts as the group's, and nothing else changes")
    func withoutFloor() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.age(ids, of: "a", idle: 60_000)
            #expect(try await bench.extend([ids[0]], by: "a", epoch: "1", hasFloor: false) == [ScriptBench.done])
            #expect(try await idle(ids[0], bench) < 30_000)
            #expect(try await bench.extend([ids[1]], by: "a", to: 2, hasFloor: false) == [ScriptBench.done])
            #expect(try await bench.extend([ids[1]], by: "a", hasFloor: false) == [ScriptBench.lost])
            #expect(try await bench.extend([ids[0]], by: "b", hasFloor: false) == [ScriptBench.lost])
        }
    }

    @Test("Settled, deleted and parked entries answer what became of them")
    func outcomes() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(4, by: "a")
            try await bench.command("XACK", bench.stream, bench.group, ids[0])
            try await bench.command("XDEL", bench.stream, ids[1])
            try await bench.park([ids[2]], by: "a")
            let outcomes = try await bench.extend(ids, by: "a")
            #expect(outcomes == [ScriptBench.settled, ScriptBench.missing, ScriptBench.settled, ScriptBench.done])
            #expect(try await bench.pending().map(\.id) == [ids[2], ids[3]])
        }
    }

    @Test("Tokens stay exact up to 2^53 − 1")
    func greatTokens() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            let great = 9_007_199_254_740_990
            try await bench.age(ids, of: "a", idle: 0, token: great)
            #expect(try await bench.extend(ids, by: "a", token: great, to: great + 1) == [ScriptBench.done])
            try await bench.age(ids, of: "a", idle: 400, token: great + 1)
            #expect(try await bench.sweep(by: "b").expired == [ids[0]: great + 1], "it stays there")
        }
    }
}
