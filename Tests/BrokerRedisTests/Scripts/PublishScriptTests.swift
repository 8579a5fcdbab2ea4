// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: publish", .serialized)
struct PublishScriptTests {
    private let ids = "{orders}:~publish:ids"

    @Test("A message with an id is stored once, and one without an id each time")
    func once() async throws {
        try await ScriptBench.with { bench in
            let first = try await bench.publish(once: "a").elements
            #expect(first[1] == 0)
            #expect(try await bench.publish(once: "a").elements == [first[0], 1])
            #expect(try await bench.publish(once: "").elements[1] == 0)
            #expect(try await bench.publish(once: "").elements[1] == 0)
            #expect(try await bench.command("XLEN", "orders") == 3)
        }
    }

    @Test("Any bytes are an id, also such as look like what the hash holds")
    func anyBytes() async throws {
        try await ScriptBench.with { bench in
            for id in ["a", "A", "q0", "i", "first", "next", " a", "a 1", "1-0 2", "\u{e9}", "e\u{301}", "%d", "\r\n"] {
                let first = try await bench.publish(once: id, most: 100).elements
                let again = try await bench.publish(once: id, most: 100).elements
                #expect([first.last, again.last] == [0, 1], "\(id)")
            }
        }
    }

    @Test("The hash is as large as the bound says, however many ids come")
    func staysSmall() async throws {
        try await ScriptBench.with { bench in
            for number in 0..<500 { try await bench.publish(once: "\(number)") }
            #expect(try await bench.command("HLEN", ids) == 22)
            for number in 490..<500 { #expect(try await bench.publish(once: "\(number)").elements[1] == 1) }
            #expect(try await bench.publish(once: "489").elements[1] == 0)
        }
    }

    @Test("A bound that was lowered is reached step by step, 64 ids with each publish")
    func shrinks() async throws {
        try await ScriptBench.with { bench in
            for number in 0..<200 { try await bench.publish(once: "\(number)", most: 1000) }
            #expect(try await bench.command("HLEN", ids) == 402)
            var sizes: [Int] = []
            for number in 0..<4 {
                try await bench.publish(once: "new \(number)")
                sizes.append(try await bench.command("HLEN", ids).integer)
            }
            #expect(sizes == [276, 150, 24, 22])
        }
    }

    @Test("Ids outside of the window are forgotten, and the hash goes with the last one")
    func window() async throws {
        try await ScriptBench.with { bench in
            for number in 0..<20 { try await bench.publish(once: "\(number)", window: 1000, most: 100) }
            let left = try await bench.command("PTTL", ids).integer
            #expect((1...1000).contains(left))
            // As if the ids were learned a minute ago.
            for number in 0..<20 {
                try await bench.command("HSET", ids, "i\(number)", "1-0 1", "q\(number)", "1 \(number)")
            }
            #expect(try await bench.publish(once: "7", window: 1000, most: 100).elements[1] == 0)
            #expect(try await bench.command("HLEN", ids) == 4)
            #expect(try await bench.publish(once: "7", window: 1000, most: 100).elements[1] == 1)
        }
    }

    @Test("An id is known after its entry was trimmed, and not after its stream was deleted")
    func entriesThatAreGone() async throws {
        try await ScriptBench.with { bench in
            let first = try await bench.publish(once: "a", bound: "1").elements
            for id in ["b", "c"] { try await bench.publish(once: id, bound: "1") }
            #expect(try await bench.command("XLEN", "orders") == 1)
            #expect(try await bench.publish(once: "a", bound: "1").elements == [first[0], 1])
            try await bench.command("DEL", "orders")
            #expect(try await bench.publish(once: "a").elements[1] == 0)
            #expect(try await bench.publish(once: "b").elements[1] == 0)
        }
    }

    @Test("Junk in the place of the hash, or in it, is mended")
    func junk() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("SET", ids, "junk")
            #expect(try await bench.publish(once: "a").elements[1] == 0)
            #expect(try await bench.publish(once: "a").elements[1] == 1)
            try await bench.command("HSET", ids, "first", "junk", "next", "junk", "q0", "junk", "ia", "junk")
            #expect(try await bench.publish(once: "a").elements[1] == 0)
            #expect(try await bench.publish(once: "a").elements[1] == 1)
        }
    }

    @Test("What cannot be remembered is not stored, and what cannot be stored is not remembered")
    func allOrNothing() async throws {
        try await ScriptBench.with { bench in
            for missing in ["hset", "hget"] {
                let limited = try await bench.limited("~*", "+@all", "-\(missing)")
                let refused = try await limited.publish(once: "a").text
                #expect(refused.hasSuffix("'\(missing)' on '\(ids)'"), "\(refused)")
            }
            #expect(try await bench.command("XLEN", "orders") == 0)
            let limited = try await bench.limited("~*", "+@all", "-xadd")
            #expect(try await limited.publish(once: "a").text.hasSuffix("'xadd' on 'orders'"))
            #expect(try await bench.publish(once: "a").elements[1] == 0)
        }
    }

    @Test("A server without memory stores nothing and remembers nothing")
    func outOfMemory() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("CONFIG", "SET", "maxmemory", "1")
            #expect(try await bench.publish(once: "a").errorCode == "OOM")
            try await bench.command("CONFIG", "SET", "maxmemory", "0")
            #expect(try await bench.publish(once: "a").elements[1] == 0)
        }
    }

    @Test("Forwarding stores an output once, and forgets the id of one that it takes back")
    func forwarding() async throws {
        try await ScriptBench.with { bench in
            let entries = try await bench.lease(3, by: "a")
            let refused = try await bench.forward(entries[0], by: "a", once: "bill", then: ["odd"]).elements
            #expect(refused.map(\.errorCode) == ["ERR"])
            #expect(try await bench.command("XLEN", bench.letters) == 0)
            for entry in entries {
                let outcome = try await bench.forward(entry, by: "a", once: "bill", then: ["data", "z"])
                #expect(outcome == [ScriptBench.done])
            }
            #expect(try await bench.command("XLEN", bench.letters) == 4)
            #expect(try await bench.pending() == [])
            let again = try await bench.publish(once: "bill", to: bench.letters, ids: bench.ids)
            #expect(again.elements[1] == 1)
        }
    }

    @Test("A repetition is written, so that waiting for replicas waits for what was there already")
    func repetitionsAreWritten() async throws {
        try await ScriptBench.with { bench in
            try await bench.publish(once: "a")
            func changes() async throws -> Int {
                let info = try await bench.command("INFO", "persistence").text
                let line = info.split(separator: "\r\n").first { $0.hasPrefix("rdb_changes_since_last_save:") }
                return Int(line?.split(separator: ":")[1] ?? "") ?? -1
            }
            let before = try await changes()
            try await bench.publish(once: "a")
            #expect(try await changes() > before)
        }
    }
}
