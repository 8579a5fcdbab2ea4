// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisTestSupport
import Testing

@Suite("Script: move", .inRealTime, .serialized)
struct MoveScriptTests {
    private let next = "{orders}:next"

    private func move(_ bench: ScriptBench, _ id: String, bound: String = "", to key: String) async throws -> RedisValue
    {
        try await bench.run(RedisScripts.move, keys: [bench.stream, key], [id, bound, "4", "data", "1", "h", "v"])
    }

    @Test("The message is stored and the entry is gone; a second time nothing happens")
    func moves() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            let first = try await move(bench, ids[0], to: next)
            let stored = try await bench.command("XRANGE", next, "-", "+").elements
            #expect(stored.map { $0.elements[0] } == [first])
            #expect(stored[0].elements[1].texts == ["data", "1", "h", "v"])
            #expect(try await bench.command("XLEN", bench.stream) == 0)
            #expect(try await move(bench, ids[0], to: next) == .null)
            #expect(try await bench.command("XLEN", next) == 1)
        }
    }

    @Test("The destination keeps its bound")
    func bound() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            for id in ids { _ = try await move(bench, id, bound: "2", to: next) }
            #expect(try await bench.command("XLEN", next) == 2)
        }
    }

    @Test("What cannot be stored, or may not be removed, stays where it is, and nothing is stored")
    func refused() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            try await bench.command("SET", "{orders}:other", "junk")
            #expect(try await move(bench, ids[0], to: "{orders}:other").errorCode == "WRONGTYPE")
            let limited = try await bench.limited("~*", "+@all", "-xdel")
            let refusal = try await move(limited, ids[0], to: next)
            #expect(refusal.errorCode == "NOPERM" || refusal.errorCode == "ERR", "6.2 has no word for it")
            #expect(try await bench.command("XLEN", bench.stream) == 1)
        }
    }
}
