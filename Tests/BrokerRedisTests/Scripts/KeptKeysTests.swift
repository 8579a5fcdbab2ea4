// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// A cluster refuses a script of which one key does not exist while it moves their slot. So none is ever missing.
@Suite("The keys of a group exist as long as the group", .serialized)
struct KeptKeysTests {
    @Test("From its making on, whatever is parked and taken")
    func always() async throws {
        try await ScriptBench.with { bench in
            #expect(try await exist(bench))
            let ids = try await bench.lease(3, by: "a@60000")
            try await bench.park(ids, by: "a@60000")
            #expect(try await bench.sweep(by: "b@60000").due.count == 3)
            #expect(try await exist(bench))
            try await bench.park([ids[0]], by: "b@60000", token: 2)
            try await bench.command("XDEL", [bench.stream] + ids)
            #expect(try await bench.sweep(by: "b@60000").missing == [ids[0]])
            #expect(try await bench.sweep(by: "b@60000").distance == -1)
            #expect(try await exist(bench))
        }
    }

    @Test("A group that is made again keeps the set and nothing in it, however much waited")
    func again() async throws {
        try await ScriptBench.with { bench in
            for start in stride(from: 0, to: 2_300, by: 100) {
                let members = (start..<start + 100).flatMap { ["\($0)", member("7-\($0)")] }
                try await bench.command("ZADD", [bench.due] + members)
            }
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.makeGroup(isAgain: true).elements[2] == 1)
            #expect(try await bench.wholeSet() == ScriptBench.placeholder)
        }
    }

    @Test("The placeholder is put back when it is gone, and set right when it is due")
    func mends() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("DEL", bench.due)
            #expect(try await bench.sweep(by: "a@60000").mended == 0)
            #expect(try await bench.wholeSet() == ScriptBench.placeholder)
            for time in ["0", "\(try await bench.time() + 60_000)", "\(try await bench.time() + 900_000_000)"] {
                try await bench.command("ZADD", bench.due, time, ScriptBench.placeholder[0])
                let sweep = try await bench.sweep(by: "a@60000")
                #expect(sweep.due.isEmpty && sweep.missing.isEmpty, "\(time)")
                _ = try await bench.sweep(by: "a@60000")
                #expect(try await bench.wholeSet() == ScriptBench.placeholder, "\(time)")
            }
        }
    }

    @Test("What a group has besides goes with its stream")
    func goes() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("DEL", bench.stream)
            #expect(try await bench.vanish() == 1)
            #expect(try await bench.command("EXISTS", bench.floor, bench.due) == 0)
        }
    }

    private func exist(_ bench: ScriptBench) async throws -> Bool {
        try await bench.command("EXISTS", bench.stream, bench.floor, bench.due) == 3
    }
}
