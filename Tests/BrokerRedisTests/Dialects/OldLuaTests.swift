// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Scripts in the dialect of 6.2", .serialized)
struct OldLuaTests {
    @Test("The class of an error is in front, whatever 6.2 puts before it")
    func classes() async throws {
        try await ScriptBench.with(preamble: OldLua.preamble) { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.command("CONFIG", "SET", "maxmemory", "1")
            let outOfMemory: RedisValue = .error("OOM command not allowed when used memory > 'maxmemory'.")
            #expect(try await bench.park([ids[0]], by: "a").elements == [outOfMemory])
            #expect(try await bench.bury([ids[1]], by: "a").elements == [outOfMemory])
            #expect(try await bench.forward(ids[2], by: "a").elements == [outOfMemory])
            try await bench.command("CONFIG", "SET", "maxmemory", "0")
            try await bench.command("REPLICAOF", "127.0.0.1", "1")
            let readOnly: RedisValue = .error("READONLY You can't write against a read only replica.")
            #expect(try await bench.extend([ids[0]], by: "a").elements == [readOnly])
            try await bench.command("REPLICAOF", "NO", "ONE")
            #expect(try await bench.extend(ids, by: "a").elements == [1, 1, 1])
        }
    }

    @Test("What the user may not do is said in words that need no place in the script")
    func rights() async throws {
        try await ScriptBench.with(preamble: OldLua.preamble) { bench in
            let ids = try await bench.lease(1, by: "a")
            let limited = try await bench.limited("~*", "+@all", "-zadd")
            let refusal: RedisValue = .error(
                "ERR The user executing the script can't run this command or subcommand: 'zadd' on '{orders}:billing:due'"
            )
            #expect(try await limited.park(ids, by: "a").elements == [refusal])
        }
    }

    @Test("An entry that is gone is missing, though 6.2 would lease it, and leaves the pending list")
    func ghosts() async throws {
        try await ScriptBench.with(preamble: OldLua.preamble) { bench in
            let ids = try await bench.lease(6, by: "a")
            try await bench.command("XDEL", [bench.stream, ids[1], ids[3], ids[5]])
            #expect(try await bench.extend([ids[0], ids[1]], by: "a") == [ScriptBench.done, ScriptBench.missing])
            #expect(try await bench.park([ids[2], ids[3]], by: "a") == [ScriptBench.done, ScriptBench.missing])
            #expect(try await bench.waiting().count == 2)
            try await bench.age([ids[4]], of: "a", idle: 400)
            let sweep = try await bench.sweep(by: "b") { $0.visibility = 1 }
            #expect(sweep.missing == [ids[5]])
            #expect(Set(sweep.expired.keys) == [ids[0], ids[4]])
            #expect(sweep.due == [ids[2]: 2])
            #expect(try await bench.pending().map(\.id) == [ids[0], ids[2], ids[4]])
        }
    }

    @Test("Without the right to remove an entry nothing stays that was stored in its place")
    func noAck() async throws {
        try await ScriptBench.with(preamble: OldLua.preamble) { bench in
            let ids = try await bench.lease(2, by: "a")
            let limited = try await bench.limited("~*", "+@all", "-xack")
            #expect(try await limited.bury(ids, by: "a").elements.map(\.errorCode) == ["ERR", "ERR"])
            #expect(try await limited.forward(ids[0], by: "a").elements.map(\.errorCode) == ["ERR"])
            #expect(try await bench.command("XLEN", bench.letters) == 0)
            #expect(try await bench.command("XLEN", "{orders}:next") == 0)
            #expect(try await bench.bury(ids, by: "a") == [ScriptBench.done, ScriptBench.done])
            #expect(try await bench.command("XLEN", bench.letters) == 2)
        }
    }
}
