// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: maintain", .serialized)
struct MaintainScriptTests {
    private func floor(_ group: String, _ bench: ScriptBench) async throws -> String {
        try await bench.command("HGET", "{orders}:\(group):floor", "id").text
    }

    private func settle(_ ids: [String], _ bench: ScriptBench) async throws {
        try await bench.command("XACK", [bench.stream, bench.group] + ids)
    }

    @Test("The floor is the greatest id up to which everything is settled")
    func floors() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await settle([ids[0], ids[2]], bench)
            #expect(try await bench.maintain() == [0, 0, 0, "", 0])
            #expect(try await floor("billing", bench) < ids[1])
            #expect(try await floor("billing", bench) >= ids[0])
            try await settle([ids[1]], bench)
            try await bench.maintain()
            #expect(try await floor("billing", bench) == ids[2])
            #expect(try await bench.command("HGET", bench.floor, "epoch").text == bench.epoch)
        }
    }

    @Test(
        "The id before an id is exact over all 64 bits",
        arguments: [
            ("5-0", "4-18446744073709551615"), ("5-1", "5-0"), ("7-18446744073709551615", "7-18446744073709551614"),
            ("1000-0", "999-18446744073709551615"), ("9-10000000000000000000", "9-9999999999999999999"),
            ("18446744073709551615-100", "18446744073709551615-99"), ("0-1", "0-0"),
        ])
    func predecessor(id: String, before: String) async throws {
        try await ScriptBench.with { bench in
            try await bench.command("XADD", bench.stream, id, "data", "x")
            #expect(try await bench.read(1, by: "a") == [id])
            try await bench.maintain()
            #expect(try await floor("billing", bench) == before)
        }
    }

    @Test("What exceeds the bound and is settled goes, exactly, whatever else is in its node")
    func holdsExactly() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(1000, by: "a")
            try await settle(Array(ids[..<537]), bench)
            #expect(try await bench.maintain(length: 900) == [100, 0, 0, "", 0])
            #expect(try await bench.maintain(length: 900) == [0, 0, 0, "", 0])
            #expect(try await bench.maintain(length: 10) == [437, 0, 453, "billing", 0])
            #expect(try await bench.command("XLEN", bench.stream) == 463)
            try await settle(Array(ids[538...]), bench)
            #expect(try await bench.maintain(length: 10) == [0, 0, 453, "billing", 0], "one holds all behind it")
            try await settle([ids[537]], bench)
            #expect(try await bench.maintain(length: 10) == [453, 0, 0, "", 0])
        }
    }

    @Test("The slowest of all groups holds, also one that the caller did not see")
    func slowest() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(200, by: "a")
            try await settle(ids, bench)
            try await bench.command("XGROUP", "CREATE", bench.stream, "foreign", ids[49])
            #expect(try await bench.maintain(length: 10) == [50, 0, 140, "foreign", 0])
            #expect(try await bench.command("EXISTS", "{orders}:foreign:floor") == 0)
            try await bench.maintain(groups: ["billing", "foreign"])
            #expect(try await floor("foreign", bench) == ids[49])
        }
    }

    @Test("Nothing goes while a declared group is missing, or while there is no group")
    func missing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(20, by: "a")
            try await settle(ids, bench)
            let declared = ["billing", "later"]
            #expect(try await bench.maintain(length: 5, declared: declared) == [0, 0, 15, "later", 0])
            #expect(try await bench.maintain(length: 50, declared: declared) == [0, 0, 0, "", 0])
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.maintain(length: 5, groups: [], declared: []) == [0, 0, 15, "", 0])
            #expect(try await bench.command("XLEN", bench.stream) == 20)
        }
    }

    @Test("By age only the old go; when they must stay, that is said")
    func age() async throws {
        try await ScriptBench.with { bench in
            let now = try await bench.time()
            for id in ["\(now - 60_000)-0", "\(now - 60_000)-1", "\(now)-0"] {
                try await bench.command("XADD", bench.stream, id, "data", "x")
            }
            let ids = try await bench.read(10, by: "a")
            #expect(try await bench.maintain(age: 30_000) == [0, 0, 1, "billing", 0])
            try await settle(ids, bench)
            #expect(try await bench.maintain(age: 30_000) == [2, 0, 0, "", 0])
            #expect(try await bench.command("XLEN", bench.stream) == 1)
        }
    }

    @Test("A cap trims whatever exceeds it and tells the settled from the lost")
    func cap() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("XGROUP", "CREATE", bench.stream, "other", "0")
            try await bench.publish(400)
            let ids = try await bench.read(300, by: "a")
            try await bench.command("XREADGROUP", "GROUP", "other", "b", "STREAMS", bench.stream, ">")
            try await bench.command("XACK", [bench.stream, "other"] + ids)
            try await settle(ids.enumerated().filter { $0.offset < 50 || $0.offset % 2 == 0 }.map(\.element), bench)
            #expect(try await bench.maintain("cap", length: 350) == [50, 0, 0, "", 0])
            #expect(try await bench.maintain("cap", length: 250) == [50, 50, 0, "", 0])
            #expect(try await bench.maintain("cap", length: 60) == [75, 115, 0, "", 0])
            #expect(try await bench.maintain("cap", length: 60) == [0, 0, 0, "", 0])
            #expect(try await bench.command("XLEN", bench.stream) == 60)
        }
    }

    @Test("Without a group a cap loses nothing that anybody asked for")
    func capWithoutGroups() async throws {
        try await ScriptBench.with { bench in
            try await bench.publish(30)
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.maintain("cap", length: 10, groups: [], declared: []) == [20, 0, 0, "", 0])
        }
    }

    @Test("One call trims at most 10,000 and says that there is more")
    func steps() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.publish(21_000)
            try await bench.command("XGROUP", "SETID", bench.stream, bench.group, ids[20_999])
            var trimmed = 0
            var calls = 0
            var hasMore = true
            while hasMore {
                let answer = try await bench.maintain(length: 500)
                #expect(answer.elements[0].integer <= 10_000)
                trimmed += answer.elements[0].integer
                calls += 1
                hasMore = answer.elements[4] == 1 && calls < 10
            }
            #expect(trimmed == 20_500)
            #expect(calls == 3)
        }
    }

    @Test("A node without bounds is trimmed as fast as others, as far as its entries are small")
    func unboundedNodes() async throws {
        try await ScriptBench.with { bench in
            for bound in ["stream-node-max-entries", "stream-node-max-bytes"] {
                try await bench.command("CONFIG", "SET", bound, "0")
            }
            let ids = try await bench.publish(21_000)
            try await bench.command("XGROUP", "SETID", bench.stream, bench.group, ids[20_999])
            let answer = try await bench.maintain(length: 500)
            #expect((9_000...10_000).contains(answer.elements[0].integer))
            #expect(answer.elements[4] == 1)
        }
    }

    @Test(
        "A stream that does not exist is within its bounds; what is none is an error; floors of a wrong type are mended"
    )
    func nothing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            try await settle(ids, bench)
            try await bench.command("SET", bench.floor, "junk")
            try await bench.maintain()
            #expect(try await floor("billing", bench) == ids[0])
            try await bench.command("DEL", bench.stream)
            #expect(try await bench.maintain(length: 1) == [0, 0, 0, "", 0])
            try await bench.command("SET", bench.stream, "junk")
            #expect(try await bench.maintain(length: 1).errorCode == "WRONGTYPE")
        }
    }
}
