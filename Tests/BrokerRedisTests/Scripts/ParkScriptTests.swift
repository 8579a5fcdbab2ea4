// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: park", .serialized)
struct ParkScriptTests {
    @Test("A parked entry stays pending, nobody's, and says when it is due")
    func parks() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a@300")
            let before = try await bench.time()
            let outcomes = try await bench.park(ids, by: "a@300", delay: 5000)
            #expect(outcomes == [ScriptBench.done, ScriptBench.done])
            #expect(try await bench.pending() == ids.map { .init(id: $0, owner: "~parked", token: 1) })
            let waiting = try await bench.waiting()
            #expect([waiting[0], waiting[2]] == ids.map(member))
            #expect((before + 5000...before + 7000).contains(Int(waiting[1]) ?? 0))
        }
    }

    @Test("A second time changes nothing")
    func repetition() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            try await bench.park(ids, by: "a", waiting: 1_000_000, delay: 60_000)
            let waiting = try await bench.waiting()
            #expect(try await bench.park(ids, by: "a", waiting: 1_000_000, delay: 0) == [ScriptBench.settled])
            #expect(try await bench.waiting() == waiting)
            #expect(try await bench.pending() == [.init(id: ids[0], owner: "~parked", token: 1_000_000)])
            #expect(try await bench.park(ids, by: "a", token: 7) == [ScriptBench.lost], "another lease was parked")
        }
    }

    @Test("Only the holder of this very lease parks it")
    func fencing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            let before = try await bench.pending()
            #expect(try await bench.park(ids, by: "b") == [ScriptBench.lost, ScriptBench.lost])
            #expect(try await bench.park(ids, by: "a", token: 2) == [ScriptBench.lost, ScriptBench.lost])
            let older = try await bench.park(ids, by: "a", epoch: "1")
            #expect(older == [ScriptBench.settled, ScriptBench.settled])
            #expect(try await bench.pending() == before)
            #expect(try await bench.waiting() == [])
        }
    }

    @Test("Settled, deleted and nonsense entries leave their neighbours alone")
    func neighbours() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.command("XACK", bench.stream, bench.group, ids[0])
            try await bench.command("XDEL", bench.stream, ids[1])
            let outcomes = try await bench.park([ids[0], ids[1], "nonsense", ids[2]], by: "a").elements
            #expect(outcomes[0] == ScriptBench.settled)
            #expect(outcomes[1] == ScriptBench.missing)
            #expect(outcomes[2].errorCode == "ERR")
            #expect(outcomes[3] == ScriptBench.done)
            #expect(try await bench.waiting().count == 2, "the deleted one does not wait")
            #expect(try await bench.pending().map(\.id) == [ids[2]])
        }
    }

    @Test("What is no sorted set makes way; an epoch that was lost is taken from the caller")
    func mends() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.command("SET", bench.due, "junk")
            try await bench.command("SET", bench.floor, "junk")
            #expect(try await bench.park(ids, by: "a", epoch: "77") == [ScriptBench.done, ScriptBench.done])
            #expect(try await bench.waiting().count == 4)
            #expect(try await bench.command("HGET", bench.floor, "epoch") == "77")
        }
    }

    @Test("A call of 256 entries is carried out; no delay is too long")
    func many() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(256, by: "a")
            let outcomes = try await bench.park(ids, by: "a", delay: 9_007_199_254_740_991)
            #expect(outcomes.elements.filter { $0 == ScriptBench.done }.count == 256)
            let sweep = try await bench.sweep(by: "a") { $0.due = 0 }
            #expect(sweep.mended == 0)
            #expect(sweep.distance > 0)
        }
    }
}
