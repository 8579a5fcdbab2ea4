// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: group", .serialized)
struct GroupScriptTests {
    @Test("A group is made once, and each caller learns the same epoch")
    func once() async throws {
        try await ScriptBench.with { bench in
            let again = try await bench.makeGroup().elements
            #expect(again[1].text == bench.epoch)
            #expect(again[2] == 0)
            #expect(try await bench.command("HGET", bench.floor, "id") == "0-0")
        }
    }

    @Test("A group is new until its mark is removed, whoever made it and however often it is made again")
    func newGroups() async throws {
        try await ScriptBench.with { bench in
            #expect(try await bench.command("HGET", bench.floor, "new") == "1")
            try await bench.command("HSET", bench.floor, "new", "0")
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            try await bench.makeGroup(isAgain: true)
            #expect(try await bench.command("HGET", bench.floor, "new") == "0")
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            try await bench.makeGroup()
            #expect(try await bench.command("HGET", bench.floor, "new") == "0", "a former life had it")
            try await bench.command("DEL", bench.floor)
            try await bench.makeGroup()
            #expect(try await bench.command("HGET", bench.floor, "new") == "1", "made by somebody else")
            try await bench.command("HDEL", bench.floor, "new")
            try await bench.makeGroup()
            #expect(try await bench.command("HEXISTS", bench.floor, "new") == 0, "joined by a former version")
        }
    }

    @Test("A group that begins at the latest finds nothing older, and `latest` is resolved once")
    func latest() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("DEL", bench.stream, bench.floor)
            let old = try await bench.publish(3)
            let made = try await bench.makeGroup(first: "$").elements
            #expect(made[2] == 1)
            #expect(try await bench.command("HGET", bench.floor, "id").text == old[2])
            let new = try await bench.publish(2)
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.makeGroup(first: "$", isAgain: true).elements[2] == 1)
            #expect(try await bench.read(10, by: "a") == new)
        }
    }

    @Test("A group that was destroyed begins at its floor, without one at 0, in a new epoch")
    func again() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.publish(4)
            try await bench.command("HSET", bench.floor, "id", ids[1])
            for (change, found) in [(["HSET", "id", ids[1]], Array(ids[2...])), (["HDEL", "id"], ids)] {
                let before = try await bench.command("HGET", bench.floor, "epoch").integer
                try await bench.command(change[0] == "HSET" ? "HSET" : "HDEL", [bench.floor] + change.dropFirst())
                try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
                let made = try await bench.makeGroup(first: "$", isAgain: true).elements
                #expect(made[1].integer > before)
                #expect(try await bench.read(10, by: "a") == found)
            }
        }
    }

    @Test("A stream that was deleted, or made anew with lesser ids, is read from its beginning")
    func anotherStream() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("HSET", bench.floor, "id", "999-0")
            try await bench.command("DEL", bench.stream)
            #expect(try await bench.makeGroup(first: "$", isAgain: true).elements[2] == 1)
            #expect(try await bench.command("HGET", bench.floor, "id") == "0-0")
            try await bench.command("DEL", bench.stream)
            try await bench.command("HSET", bench.floor, "id", "999-0")
            try await bench.command("XADD", bench.stream, "1-1", "data", "x")
            try await bench.makeGroup(isAgain: true)
            #expect(try await bench.read(10, by: "a") == ["1-1"])
        }
    }

    @Test("After everything was flushed the epoch still rises")
    func flush() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("FLUSHALL")
            let made = try await bench.makeGroup(isAgain: true).elements
            #expect(made[2] == 1)
            #expect(made[1].integer > Int(bench.epoch) ?? .max)
        }
    }

    @Test("It can begin behind an id, also in a stream that does not exist yet")
    func behindAnID() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("DEL", bench.stream, bench.floor)
            #expect(try await bench.makeGroup(first: "5-5").elements[2] == 1)
            for id in ["5-4", "5-5", "5-6"] { try await bench.command("XADD", bench.stream, id, "data", "x") }
            #expect(try await bench.read(10, by: "a") == ["5-6"])
        }
    }

    @Test("Junk in the floor is replaced; a stream that is none is an error")
    func junk() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("HSET", bench.floor, "id", "junk", "epoch", "junk")
            #expect(try await bench.makeGroup().elements[1].integer > 0, "the group is there, its epoch is not")
            for junk in ["junk", "99999999999999999999", "9223372036854775808", "9007199254740991"] {
                try await bench.command("HSET", bench.floor, "epoch", junk)
                let epoch = try await bench.makeGroup().elements[1].integer
                #expect((1..<9_007_199_254_740_991).contains(epoch), "\(junk)")
                try await bench.command("HSET", bench.floor, "epoch", junk)
                #expect(try await bench.sweep(by: "a").epoch == bench.epoch, "the caller's, in place of \(junk)")
            }
            try await bench.command("HSET", bench.floor, "epoch", "junk")
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.makeGroup(isAgain: true).elements[1].integer > 0)
            try await bench.command("SET", bench.floor, "junk")
            #expect(try await bench.makeGroup().elements[1].integer > 0)
            try await bench.command("SET", bench.stream, "junk")
            #expect(try await bench.makeGroup().errorCode == "WRONGTYPE")
            #expect(try await bench.makeGroup(first: "$").errorCode == "WRONGTYPE")
        }
    }
}
