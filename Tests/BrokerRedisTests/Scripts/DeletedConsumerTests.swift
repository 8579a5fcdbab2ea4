// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

/// Somebody deletes a consumer, and with it what the pending list has of it.
@Suite("Script: consumers that somebody deletes", .serialized)
struct DeletedConsumerTests {
    @Test("What waited comes again when its time has come, at the latest as the second attempt", arguments: [0, 2000])
    func parked(delay: Int) async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(10, by: "a")
            try await bench.park(ids, by: "a", token: 1, delay: delay)
            try await bench.deleteConsumer("~parked")
            var found: [String: Int] = [:]
            let first = try await bench.sweep(by: "b")
            #expect(try await bench.pending().count == 10, "it is pending again at once")
            if delay > 0 { #expect(first.due.isEmpty) }
            found.merge(first.due) { $0 + $1 }
            let end = try await bench.time() + 20_000
            while found.count < 10, try await bench.time() < end {
                found.merge(try await bench.sweep(by: "b").due) { $0 + $1 }
            }
            #expect(found == Dictionary(uniqueKeysWithValues: ids.map { ($0, 2) }))
        }
    }

    @Test("A retry that is parked before anybody looks does not hide what was lost")
    func parkedMeanwhile() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(4, by: "a")
            try await bench.park(Array(ids[..<3]), by: "a", delay: 60_000)
            try await bench.deleteConsumer("~parked")
            try await bench.park([ids[3]], by: "a", delay: 60_000)
            #expect(try await bench.pending().map(\.owner) == Array(repeating: "~parked", count: 4))
            #expect(try await bench.waiting().count == 8)
        }
    }

    @Test("Junk brings nothing back that was settled: neither before anything waited nor beside what waits")
    func junk() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.command("XACK", bench.stream, bench.group, ids[0])
            try await bench.park([ids[0]], by: "a")
            try await bench.command("ZADD", bench.due, "0", member(ids[0]))
            #expect(try await bench.sweep(by: "b").due.isEmpty)
            try await bench.park([ids[1]], by: "a", delay: 60_000)
            try await bench.command("ZADD", bench.due, "0", member(ids[0]))
            #expect(try await bench.sweep(by: "b").due.isEmpty)
            #expect(try await bench.pending().map(\.id) == [ids[1], ids[2]])
        }
    }

    @Test("A group that is made again has nothing of its former life")
    func madeAgain() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.park(ids, by: "a")
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            try await bench.makeGroup(isAgain: true)
            #expect(try await bench.read(10, by: "a") == ids)
            try await bench.command("XACK", [bench.stream, bench.group] + ids)
            #expect(try await bench.sweep(by: "b").due.isEmpty)
            #expect(try await bench.pending() == [])
        }
    }

    @Test("What its holder has in hand is leased again, under a token of its own and as the same attempt")
    func held() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.age([ids[1]], of: "a", idle: 0, token: 2)
            try await bench.deleteConsumer("a")
            _ = try await bench.lease(1, by: "a")
            try await bench.command("XDEL", bench.stream, ids[2])
            let answer = try await bench.restore([(ids[0], 1), (ids[1], 2), (ids[2], 1)], by: "a")
            #expect(answer == [5, 5, ScriptBench.missing])
            let pending = try await bench.pending()
            #expect(pending.prefix(2).map(\.token) == [1_000_001, 1_000_002])
            #expect(pending.allSatisfy { $0.owner == "a" })
            #expect(try await bench.extend([ids[0]], by: "a", token: 1) == [ScriptBench.lost])
            #expect(try await bench.extend([ids[0]], by: "a", token: 1_000_001) == [ScriptBench.done])
        }
    }

    @Test("What a former holder has acknowledged stays settled, what is held stays as it is")
    func acknowledged() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.age([ids[1]], of: "a", idle: 0, token: 2)
            try await bench.age([ids[2]], of: "b", idle: 0, token: 2)
            try await bench.command("XACK", bench.stream, bench.group, ids[1])
            let answer = try await bench.restore([(ids[0], 1), (ids[1], 2), (ids[2], 1)], by: "a")
            #expect(answer == [ScriptBench.done, ScriptBench.settled, ScriptBench.lost])
            #expect(try await bench.pending().count == 2)
        }
    }

    @Test("Where others have taken something over, what is gone may have been acknowledged, and stays so")
    func overtaken() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.age(ids, of: "b", idle: 0, token: 2)
            try await bench.command("XACK", bench.stream, bench.group, ids[0])
            let answer = try await bench.restore(ids.map { ($0, 1) }, by: "a")
            #expect(answer == [ScriptBench.settled, ScriptBench.lost])
        }
    }

    /// The ids of the new stream are those of the old one. Its group gives them as new, in their first lease.
    @Test("Where the stream was made again nobody has taken anything over, and what is gone comes again")
    func remade() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.age([ids[1]], of: "b", idle: 0, token: 1)
            try await bench.command("XACK", bench.stream, bench.group, ids[0])
            let answer = try await bench.restore(ids.map { ($0, 1) }, by: "a")
            #expect(answer == [5, ScriptBench.lost])
        }
    }

    @Test("A consumer that is not there was deleted, whatever it held")
    func retriesOnly() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(1, by: "a")
            try await bench.age(ids, of: "a", idle: 0, token: 2)
            try await bench.deleteConsumer("a")
            #expect(try await bench.restore([(ids[0], 2)], by: "a") == [5])
        }
    }

    @Test("What comes by itself is not taken again, nor what is of an earlier life")
    func comesByItself() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.deleteConsumer("a")
            try await bench.command("XGROUP", "SETID", bench.stream, bench.group, ids[0])
            #expect(try await bench.restore(ids.map { ($0, 1) }, by: "a") == [5, ScriptBench.settled])
            #expect(try await bench.restore([(ids[1], 1)], by: "a", epoch: "7") == [ScriptBench.settled])
        }
    }
}

extension ScriptBench {
    fileprivate func deleteConsumer(_ name: String) async throws {
        try await command("XGROUP", "DELCONSUMER", stream, group, name)
    }

    fileprivate func restore(
        _ entries: [(id: String, token: Int)], by consumer: String, epoch: String? = nil
    ) async throws -> RedisValue {
        let arguments = entries.flatMap { [$0.id, "\($0.token)", "\($0.token + 1_000_000)"] }
        return try await run(
            RedisScripts.restore, keys: [stream, floor], [group, consumer, epoch ?? self.epoch] + arguments)
    }
}
