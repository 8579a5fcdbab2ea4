// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: sweep, expired leases", .serialized)
struct SweepExpiredTests {
    @Test("A lease is taken over when its visibility has passed, not before, under the next token")
    func takeover() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a@60000")
            try await bench.age([ids[0]], of: "a@60000", idle: 50_000)
            try await bench.age([ids[1]], of: "a@60000", idle: 60_000)
            let sweep = try await bench.sweep(by: "b@60000") { $0.visibility = 60_000 }
            #expect(sweep.expired == [ids[1]: 2])
            #expect(sweep.rest == 0)
            let lines = try await bench.pending()
            #expect(
                lines == [.init(id: ids[0], owner: "a@60000", token: 1), .init(id: ids[1], owner: "b@60000", token: 2)])
        }
    }

    @Test("With a visibility of 300 ms it happens within a second of real time")
    func realTime() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a@300")
            let start = try await bench.time()
            var sweep = try await bench.sweep(by: "b@300")
            while sweep.expired.isEmpty, sweep.time < start + 10_000 { sweep = try await bench.sweep(by: "b@300") }
            #expect(sweep.expired == [ids[0]: 2])
            #expect((start + 299...start + 1_000).contains(sweep.time))
        }
    }

    @Test("The caller's own leases expire as all others")
    func orphans() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a@300")
            try await bench.age(ids, of: "a@300", idle: 400)
            #expect(try await bench.sweep(by: "a@300").expired == [ids[0]: 2])
        }
    }

    @Test("Idle is held against the larger visibility of holder and caller")
    func twoVisibilities() async throws {
        try await ScriptBench.with { bench in
            for (holder, visibility, isTaken) in [
                ("long@60000", 300, false), ("short@300", 60_000, false), ("plain", 300, true),
                ("short@300", 300, true), ("odd@99999999999999999999", 300, false),
            ] {
                let ids = try await bench.lease(by: holder)
                try await bench.age(ids, of: holder, idle: 20_000)
                let sweep = try await bench.sweep(by: "b") { $0.visibility = visibility }
                #expect(
                    sweep.expired.keys.contains(ids[0]) == isTaken, "held by \(holder), looked for with \(visibility)")
                try await bench.command("XACK", bench.stream, bench.group, ids[0])
                try await bench.removeGuard()
            }
        }
    }

    @Test("A sweep takes no more than its quota and says that there may be more")
    func quota() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(250, by: "a")
            try await bench.age(ids, of: "a", idle: 400)
            var found: [String: Int] = [:]
            for left in [150, 50] {
                let sweep = try await bench.sweep(by: "b")
                found.merge(sweep.expired) { $1 }
                #expect(sweep.expired.count == 100)
                #expect(sweep.rest == 1)
                #expect(250 - found.count == left)
            }
            let last = try await bench.sweep(by: "b")
            #expect(last.rest == 0)
            #expect(found.merging(last.expired) { $1 } == Dictionary(uniqueKeysWithValues: ids.map { ($0, 2) }))
            try await bench.age(ids, of: "a", idle: 400)
            try await bench.removeGuard()
            let none = try await bench.sweep(by: "b") { $0.expired = 0 }
            #expect(none.expired.isEmpty)
            #expect(try await bench.sweep(by: "b").expired.count == 100, "who has no room does not close the group")
        }
    }

    @Test("It begins at another holder each time, so that none is always last")
    func rotation() async throws {
        try await ScriptBench.with { bench in
            var first: Set<String> = []
            for turn in 0..<3 {
                var ids: [String] = []
                for holder in ["a", "b", "c"] { ids += try await bench.lease(by: holder) }
                for (id, holder) in zip(ids, ["a", "b", "c"]) { try await bench.age([id], of: holder, idle: 400) }
                let sweep = try await bench.sweep(by: "d") {
                    $0.expired = 1
                    $0.rotation = turn + 9
                }
                #expect(sweep.rest == 1)
                first.formUnion(sweep.expired.keys.compactMap { ids.firstIndex(of: $0) }.map { ["a", "b", "c"][$0] })
                try await bench.command("XACK", [bench.stream, bench.group] + ids)
            }
            #expect(first == ["a", "b", "c"])
        }
    }

    @Test("Entries that are gone from the stream are reported once and leave the pending list")
    func missing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(4, by: "a")
            try await bench.age(Array(ids[..<3]), of: "a", idle: 400)
            try await bench.park([ids[3]], by: "a")
            try await bench.command("XDEL", bench.stream, ids[1], ids[3])
            let sweep = try await bench.sweep(by: "b")
            #expect(sweep.expired == [ids[0]: 2, ids[2]: 2])
            #expect(sweep.missing == [ids[1], ids[3]])
            #expect(try await bench.pending().map(\.id) == [ids[0], ids[2]])
            try await bench.removeGuard()
            #expect(try await bench.sweep(by: "b").missing == [])
            #expect(try await bench.waiting() == [])
        }
    }

    @Test("Without the group or with another type in its place it is an error and changes nothing")
    func errors() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.sweepAnswer(by: "a", .init()).errorCode == "NOGROUP")
            try await bench.command("DEL", bench.stream)
            #expect(try await bench.sweepAnswer(by: "a", .init()).errorCode == "ERR", "no such key")
            try await bench.command("SET", bench.stream, "junk")
            #expect(try await bench.sweepAnswer(by: "a", .init()).errorCode == "WRONGTYPE")
        }
    }
}
