// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: sweep, what is due", .serialized)
struct SweepDueTests {
    @Test("What is due is leased under the next token, in the order of times and then of the stream")
    func order() async throws {
        try await ScriptBench.with { bench in
            for sequence in [2, 3, 10, 100] {
                try await bench.command("XADD", bench.stream, "7-\(sequence)", "data", "x")
            }
            let ids = try await bench.read(10, by: "a")
            try await bench.park(ids.reversed(), by: "a")
            for id in ids { try await bench.command("ZADD", bench.due, "0", member(id)) }
            let sweep = try await bench.sweep(by: "b")
            #expect(sweep.dueOrder == ids)
            #expect(sweep.due.values.allSatisfy { $0 == 2 })
            #expect(try await bench.waiting() == [])
            #expect(sweep.distance == -1)
            #expect(sweep.mended == 0)
        }
    }

    @Test("Nothing is leased before its time; the distance to the next is told")
    func early() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.park([ids[0]], by: "a", delay: 60_000)
            try await bench.park([ids[1]], by: "a", delay: 30_000)
            let sweep = try await bench.sweep(by: "b")
            #expect(sweep.due.isEmpty)
            #expect((20_000...30_000).contains(sweep.distance))
        }
    }

    @Test("A release refunds the attempt and still raises the token")
    func release() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            try await bench.park(ids, by: "a", token: 1, waiting: 1_000_000)
            #expect(try await bench.sweep(by: "b").due == [ids[0]: 1_000_001])
        }
    }

    @Test("A sweep takes no more than its quota; the rest is due at once")
    func quota() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(10, by: "a")
            try await bench.park(ids, by: "a")
            let sweep = try await bench.sweep(by: "b") { $0.due = 4 }
            #expect(sweep.dueOrder == Array(ids[..<4]))
            #expect(sweep.distance == 0)
            #expect(try await bench.sweep(by: "b") { $0.due = 0 }.due.isEmpty)
            #expect(try await bench.sweep(by: "b").dueOrder == Array(ids[4...]))
        }
    }

    @Test("Junk among what is due is removed and takes no place")
    func junk() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.park([ids[0], ids[1]], by: "a")
            try await bench.command("XACK", bench.stream, bench.group, ids[1])
            let held = member(ids[2])
            for junk in ["", "junk", "1-", "-1", "9999999999999999999999-1", "5-99999999999999999999999", held] {
                try await bench.command("ZADD", bench.due, "-inf", junk)
            }
            let sweep = try await bench.sweep(by: "b") { $0.due = 4 }
            #expect(sweep.due == [ids[0]: 2])
            #expect(sweep.mended == 8)
            #expect(try await bench.waiting() == [])
            #expect(try await bench.pending().contains(.init(id: ids[2], owner: "a", token: 1)))
        }
    }

    @Test("Junk far ahead is removed, what really waits for long stays")
    func farAhead() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.park([ids[0]], by: "a", delay: 3 * 86_400_000)
            try await bench.park([ids[1]], by: "a")
            try await bench.command("ZADD", bench.due, "+inf", member(ids[1]))
            for junk in ["junk", member(ids[2]), "77-00000000000000000000"] {
                try await bench.command("ZADD", bench.due, "\(try await bench.time() + 900_000_000)", junk)
            }
            let sweep = try await bench.sweep(by: "b")
            #expect(sweep.mended == 5, "four lines removed, and the one that waits for ever filed anew")
            #expect(try await bench.sweep(by: "b").due == [ids[1]: 2])
            #expect(try await bench.waiting().first == member(ids[0]))
            #expect(try await bench.pending().contains(.init(id: ids[2], owner: "a", token: 1)))
        }
    }

    @Test("What waits is found again when the sorted set was deleted, however much it is", arguments: [1, 100, 250])
    func repair(count: Int) async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(count, by: "a")
            try await bench.park(ids, by: "a", delay: 60_000)
            try await bench.command("DEL", bench.due)
            var found: [String: Int] = [:]
            var cursor = "-"
            for _ in 0..<10 {
                let sweep = try await bench.sweep(by: "b") { $0.cursor = cursor }
                cursor = sweep.cursor
                found.merge(sweep.due) { $0 + $1 }
            }
            #expect(found == Dictionary(uniqueKeysWithValues: ids.map { ($0, 2) }))
            #expect(cursor == "-")
            #expect(try await bench.waiting() == [])
        }
    }

    @Test("The search for what waits goes on behind what it has found, also when nothing of that is taken")
    func repairInPages() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(250, by: "a")
            try await bench.park(ids, by: "a", delay: 60_000)
            try await bench.command("DEL", bench.due)
            var cursor = "-"
            for mended in [100, 100, 50, 0] {
                let sweep = try await bench.sweep(by: "b") { ($0.due, $0.cursor) = (0, cursor) }
                #expect(sweep.mended == mended)
                cursor = sweep.cursor
            }
            #expect(try await bench.waiting().count == 500)
        }
    }

    @Test("A set of which a part is missing is completed; what is in it keeps its time")
    func partialRepair() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(5, by: "a")
            try await bench.park(ids, by: "a", delay: 60_000)
            try await bench.command("ZREM", bench.due, member(ids[1]), member(ids[3]))
            #expect(try await bench.sweep(by: "b").mended == 2)
            #expect(try await bench.sweep(by: "b").dueOrder == [ids[1], ids[3]])
            #expect(try await bench.waiting().count == 6)
        }
    }

    @Test("Junk in the place of what is missing hides it only for a while")
    func hiddenRepair() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(20, by: "a")
            try await bench.park(ids, by: "a", delay: 60_000)
            let soon = try await bench.time() + 3_600_000
            for id in ids[..<10] {
                try await bench.command("ZREM", bench.due, member(id))
                try await bench.command("ZADD", bench.due, "\(soon)", "junk-\(id)")
            }
            var found: Set<String> = []
            for _ in 0..<200 where found.count < 10 {
                found.formUnion(try await bench.sweep(by: "b").dueOrder)
            }
            #expect(found == Set(ids[..<10]))
        }
    }

    @Test("A sweep leases at most 128 of a kind, and says that there is more")
    func bound() async throws {
        try await ScriptBench.with { bench in
            try await bench.park(try await bench.lease(300, by: "a"), by: "a")
            _ = try await bench.lease(300, by: "b@100")
            let start = try await bench.time()
            while try await bench.time() < start + 101 {}
            let sweep = try await bench.sweep(by: "c@100") { ($0.visibility, $0.due, $0.expired) = (100, 1000, 1000) }
            #expect(sweep.due.count == 128 && sweep.expired.count == 128)
            #expect(sweep.distance == 0 && sweep.rest & 1 == 1)
        }
    }

    @Test("What is no sorted set makes way for one")
    func wrongType() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.park(ids, by: "a", delay: 60_000)
            try await bench.command("SET", bench.due, "junk")
            #expect(try await bench.sweep(by: "b").mended == 3)
            #expect(try await bench.sweep(by: "b").due.count == 3)
        }
    }

    @Test("What is due is taken also while the group is closed to those who look for expired leases")
    func whileClosed() async throws {
        try await ScriptBench.with { bench in
            #expect(try await bench.sweep(by: "b") { $0.visibility = 60_000 }.rest == 0)
            let ids = try await bench.lease(by: "a")
            try await bench.park(ids, by: "a", token: 1)
            #expect(try await bench.sweep(by: "b") { $0.visibility = 60_000 }.due == [ids[0]: 2])
        }
    }
}
