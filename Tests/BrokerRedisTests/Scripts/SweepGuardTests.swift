// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: sweep, suspects and guard", .serialized)
struct SweepGuardTests {
    @Test("What expired in its second attempt is a suspect: at most one is taken, others are passed over")
    func suspects() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(6, by: "a")
            try await bench.age(Array(ids[..<4]), of: "a", idle: 400, token: 2)
            try await bench.age(Array(ids[4...]), of: "a", idle: 400, token: 1)
            let first = try await bench.sweep(by: "b")
            #expect(first.expired == [ids[0]: 3, ids[4]: 2, ids[5]: 2])
            #expect(first.rest == 2, "some were passed over")
            #expect(try await bench.command("HEXISTS", bench.floor, "guard") == 0, "the group stays open")
            #expect(try await bench.sweep(by: "b") { $0.suspects = 0 }.expired.isEmpty)
            #expect(try await bench.sweep(by: "c").expired == [ids[1]: 3])
        }
    }

    @Test("Released entries are suspects by their attempt, not by their token")
    func releases() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.age([ids[0]], of: "a", idle: 400, token: 3_000_001)
            try await bench.age([ids[1]], of: "a", idle: 400, token: 3_000_002)
            let sweep = try await bench.sweep(by: "b") { $0.suspects = 0 }
            #expect(sweep.expired == [ids[0]: 3_000_002])
            #expect(sweep.rest == 2)
        }
    }

    @Test("Hundreds of suspects do not hide the innocent behind them")
    func behindSuspects() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(351, by: "a")
            try await bench.age(Array(ids[..<350]), of: "a", idle: 400, token: 2)
            try await bench.age([ids[350]], of: "a", idle: 400)
            let sweep = try await bench.sweep(by: "b") { $0.suspects = 0 }
            #expect(sweep.expired == [ids[350]: 2])
        }
    }

    @Test("A group that has been swept is not swept again within a third of the visibility")
    func closes() async throws {
        try await ScriptBench.with { bench in
            #expect(try await bench.sweep(by: "a") { $0.visibility = 60_000 }.rest == 0)
            let ids = try await bench.lease(by: "a")
            try await bench.age(ids, of: "a", idle: 70_000)
            let early = try await bench.sweep(by: "b") { $0.visibility = 60_000 }
            #expect(early.expired.isEmpty)
            #expect((15_000...20_000).contains(early.shutFor), "it says when it opens")
            #expect((15_000...20_000).contains(try await bench.guardTime()))
            try await bench.removeGuard()
            #expect(try await bench.sweep(by: "b") { $0.visibility = 60_000 }.expired == [ids[0]: 2])
        }
    }

    @Test("Members of a shorter visibility are not shut out by one of a longer")
    func twoVisibilities() async throws {
        try await ScriptBench.with { bench in
            #expect(try await bench.sweep(by: "slow@60000") { $0.visibility = 60_000 }.rest == 0)
            let ids = try await bench.lease(by: "fast@300")
            try await bench.age(ids, of: "fast@300", idle: 400)
            #expect(try await bench.sweep(by: "other@300").expired == [ids[0]: 2])
        }
    }

    @Test(
        "Junk in the guard and in the former one holds nothing up",
        arguments: ["junk", "swept 99999999999999999", "pause x"])
    func junk(text: String) async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.age([ids[0]], of: "a", idle: 400)
            try await bench.command("HSET", bench.floor, "guard", text)
            try await bench.command("SET", bench.formerGuard, text)
            #expect(try await bench.sweep(by: "b").expired == [ids[0]: 2])
            try await bench.age([ids[1]], of: "a", idle: 400)
            try await bench.removeGuard()
            try await bench.command("RPUSH", bench.formerGuard, text)
            #expect(try await bench.sweep(by: "b").expired == [ids[1]: 2])
        }
    }

    @Test("When a clock jumped nothing expired is taken until holders had time to extend", arguments: [1, -1])
    func jump(sign: Int) async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a@60000")
            try await bench.age(ids, of: "a@60000", idle: 3_600_000)
            let time = try await bench.time()
            let jumped = try await bench.sweep(by: "b@60000") {
                $0.visibility = 60_000
                $0.expected = time - sign * 3_600_000
            }
            #expect(jumped.expired.isEmpty)
            for (visibility, expected) in [(60_000, time), (300, 0)] {
                let sweep = try await bench.sweep(by: "c") {
                    $0.visibility = visibility
                    $0.expected = expected
                }
                #expect(sweep.expired.isEmpty, "the pause holds for all, and counts by the longest visibility")
            }
            #expect(
                (30_000...40_000).contains(try await bench.guardTime()),
                "holders extend every third, and may be late by one")
            try await bench.removeGuard()
            let later = try await bench.sweep(by: "b@60000") {
                $0.visibility = 60_000
                $0.expected = time + 10_000
            }
            #expect(later.expired.count == 2, "a few seconds are no jump")
        }
    }

    @Test("An epoch that was lost is taken from the caller, a known one is answered")
    func epoch() async throws {
        try await ScriptBench.with { bench in
            var stale = bench
            stale.epoch = "5"
            #expect(try await stale.sweep(by: "a").epoch == bench.epoch)
            try await bench.command("DEL", bench.floor)
            #expect(try await stale.sweep(by: "a").epoch == "5")
            #expect(try await bench.sweep(by: "a").epoch == "5")
        }
    }
}
