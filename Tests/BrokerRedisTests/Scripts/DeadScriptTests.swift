// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

@Suite("Script: dead", .inRealTime, .serialized)
struct DeadScriptTests {
    /// The fields of the dead letters, by name.
    private func letters(_ bench: ScriptBench) async throws -> [[String: String]] {
        try await bench.command("XRANGE", bench.letters, "-", "+").elements.map { entry in
            let texts = entry.elements[1].texts
            let pairs = stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    @Test("A dead letter keeps every field and says why; the entry leaves the group in the same step")
    func buries() async throws {
        try await ScriptBench.with { bench in
            try await bench.publish(1, ["data", "x", "sb-key", "k", "trace", "7"])
            let ids = try await bench.read(1, by: "a@300")
            let before = try await bench.time()
            #expect(try await bench.bury(ids, by: "a@300") == [ScriptBench.done])
            var letter = try await letters(bench)[0]
            let failedAt = Int(letter.removeValue(forKey: "sb-failed-at") ?? "") ?? 0
            #expect((before...before + 2000).contains(failedAt))
            #expect(
                letter == [
                    "data": "x", "sb-key": "k", "trace": "7", "sb-origin-stream": "orders", "sb-origin-id": ids[0],
                    "sb-group": "billing", "sb-consumer": "host-1", "sb-attempts": "1", "sb-reason": "rejected",
                    "sb-error": "no such customer",
                ])
            #expect(try await bench.pending() == [])
        }
    }

    @Test("A second time writes no second letter; another lease or epoch writes none")
    func fencing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            #expect(try await bench.bury([ids[0]], by: "b") == [ScriptBench.lost])
            #expect(try await bench.bury([ids[0]], by: "a", token: 2) == [ScriptBench.lost])
            #expect(try await bench.bury([ids[0]], by: "a", epoch: "1") == [ScriptBench.settled])
            #expect(try await letters(bench).isEmpty)
            #expect(try await bench.bury([ids[0]], by: "a") == [ScriptBench.done])
            #expect(try await bench.bury(ids, by: "a") == [ScriptBench.settled, ScriptBench.done])
            #expect(try await letters(bench).count == 2)
        }
    }

    @Test("The reply tells the ids of the letters, each in the place of its entry")
    func tellsIDs() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(3, by: "a")
            try await bench.command("XDEL", bench.stream, ids[1])
            let outcomes = try await bench.buryTellingIDs(ids, by: "a")
            let stored = try await bench.command("XRANGE", bench.letters, "-", "+").elements.map { $0.elements[0] }
            #expect(outcomes.elements == [stored[0], ScriptBench.missing, stored[1]])
        }
    }

    @Test("Deleted and nonsense entries leave their neighbours alone")
    func neighbours() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.command("XDEL", bench.stream, ids[0])
            let outcomes = try await bench.bury([ids[0], "nonsense", ids[1]], by: "a").elements
            #expect([outcomes[0], outcomes[2]] == [ScriptBench.missing, ScriptBench.done])
            #expect(outcomes[1].errorCode == "ERR")
            #expect(try await bench.pending() == [])
        }
    }

    @Test("A letter that fails again says its new cause, once")
    func again() async throws {
        try await ScriptBench.with { bench in
            try await bench.publish(1, ["data", "x", "sb-reason", "attempts", "sb-attempts", "5"])
            let ids = try await bench.read(1, by: "a")
            try await bench.bury(ids, by: "a")
            let texts = try await bench.command("XRANGE", bench.letters, "-", "+").elements[0].elements[1].texts
            #expect(texts.filter { $0 == "sb-reason" }.count == 1)
            #expect(!texts.contains("attempts"))
        }
    }

    @Test("An entry with thousands of fields is packed, and read as it was", arguments: [3_500, 3_501, 4_000, 20_000])
    func manyFields(count: Int) async throws {
        try await ScriptBench.with { bench in
            let headers = (0..<count - 2).flatMap { ["name \($0 % 3900)", "value:\($0)"] }
            try await bench.publish(1, ["data", "first"] + headers + ["data", "second"])
            let ids = try await bench.read(1, by: "a")
            #expect(try await bench.bury(ids, by: "a") == [ScriptBench.done])
            let reply = try await bench.connection.submit(RedisCommands("XRANGE", bench.letters, "-", "+")).reply()
            let message = try #require(reply.elements[0].flatMap { EntryDecoder.entry($0) }).message
            #expect(message.payload == "first")
            let read = message.headers.filter { !$0.name.hasPrefix("sb-") }.flatMap { [$0.name, $0.value.string] }
            #expect(read == headers + ["data", "second"])
            #expect(message.headers["sb-reason"] == "rejected")
            let stored = reply.elements[0]?.elements[1]?.elements.count
            #expect(stored == (count > 3_500 ? 4 : 2 * count) + 16)
        }
    }

    @Test("Where letters cannot be stored, the entry stays with its holder")
    func wrongType() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            try await bench.command("SET", bench.letters, "junk")
            let outcomes = try await bench.bury(ids, by: "a").elements
            #expect(outcomes.map(\.errorCode) == ["WRONGTYPE", "WRONGTYPE"])
            #expect(try await bench.pending() == ids.map { .init(id: $0, owner: "a", token: 1) })
            try await bench.command("DEL", bench.letters)
            #expect(try await bench.bury(ids, by: "a") == [ScriptBench.done, ScriptBench.done])
        }
    }
}
