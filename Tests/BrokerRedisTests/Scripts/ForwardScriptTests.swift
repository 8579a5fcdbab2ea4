// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: forward", .serialized)
struct ForwardScriptTests {
    private let next = "{orders}:next"

    @Test("All messages are published, and the entry leaves its group; a second time nothing happens")
    func forwards() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            for outcome in [ScriptBench.done, ScriptBench.settled] {
                let answer = try await bench.forward(
                    ids[0], by: "a", messages: [["data", "1"], ["data", "2", "h", "v"]])
                #expect(answer == [outcome])
            }
            let stored = try await bench.command("XRANGE", next, "-", "+").elements.map { $0.elements[1].texts }
            #expect(stored == [["data", "1"], ["data", "2", "h", "v"]])
            #expect(try await bench.pending() == [])
        }
    }

    @Test("No message at all is an ack")
    func nothing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            #expect(try await bench.forward(ids[0], by: "a", messages: []) == [ScriptBench.done])
            #expect(try await bench.pending() == [])
        }
    }

    @Test("Only the holder of this very lease forwards it, and only what is still there")
    func fencing() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            #expect(try await bench.forward(ids[0], by: "b") == [ScriptBench.lost])
            #expect(try await bench.forward(ids[0], by: "a", token: 2) == [ScriptBench.lost])
            #expect(try await bench.forward(ids[0], by: "a", epoch: "1") == [ScriptBench.settled])
            try await bench.command("XDEL", bench.stream, ids[1])
            #expect(try await bench.forward(ids[1], by: "a") == [ScriptBench.missing])
            #expect(try await bench.command("EXISTS", next) == 0)
            #expect(try await bench.pending().map(\.id) == [ids[0]])
        }
    }

    @Test("When one message cannot be stored, none is")
    func allOrNone() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(by: "a")
            let outcomes = try await bench.forward(ids[0], by: "a", messages: [["data", "1"], ["odd"]]).elements
            #expect(outcomes.map(\.errorCode) == ["ERR"])
            #expect(try await bench.command("XLEN", next) == 0)
            try await bench.command("SET", "{orders}:other", "junk")
            let wrong = try await bench.forward(ids[0], by: "a", to: "{orders}:other").elements
            #expect(wrong.map(\.errorCode) == ["WRONGTYPE"])
            #expect(try await bench.pending() == [.init(id: ids[0], owner: "a", token: 1)])
        }
    }

    @Test("Messages go each to its stream, all or none, and no further than that stream keeps")
    func severalDestinations() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            let (left, right) = ("{orders}:left", "{orders}:right")
            for number in 1...5 { try await bench.command("XADD", right, "*", "data", "\(number)") }
            let parts = [(left, "", ["data", "l"]), (right, "3", ["data", "r"]), (left, "", ["data", "m"])]
            #expect(try await bench.forward(ids[0], by: "a", parts) == [ScriptBench.done])
            #expect(try await bench.command("XLEN", left) == 2)
            #expect(try await bench.command("XLEN", right) == 3)
            try await bench.command("SET", "{orders}:other", "junk")
            let spoiled = [(left, "", ["data", "n"]), ("{orders}:other", "", ["data", "o"])]
            #expect(try await bench.forward(ids[1], by: "a", spoiled).elements.map(\.errorCode) == ["WRONGTYPE"])
            #expect(try await bench.command("XLEN", left) == 2)
            #expect(try await bench.pending().map(\.id) == [ids[1]])
        }
    }

    @Test("A message of 3,500 fields passes; one of too many is refused and changes nothing")
    func manyFields() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            let fields = { (count: Int) in (0..<count).flatMap { ["n\($0)", "v"] } }
            #expect(try await bench.forward(ids[0], by: "a", messages: [fields(3_500)]) == [ScriptBench.done])
            let refused = try await bench.forward(ids[1], by: "a", messages: [fields(10), fields(5_000)]).elements
            #expect(refused.map(\.errorCode) == ["ERR"])
            #expect(try await bench.command("XLEN", next) == 1)
            #expect(try await bench.pending().map(\.id) == [ids[1]])
        }
    }
}
