// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisWire
import Testing

@Suite("Script: members", .serialized)
struct MembersScriptTests {
    private func members(_ bench: ScriptBench) async throws -> [String] {
        try await bench.command("XINFO", "CONSUMERS", bench.stream, bench.group).elements.map { $0.elements[1].text }
    }

    @Test("A consumer that holds nothing goes by name, one that holds something stays")
    func byName() async throws {
        try await ScriptBench.with { bench in
            try await bench.lease(by: "a")
            try await bench.command("XGROUP", "CREATECONSUMER", bench.stream, bench.group, "b")
            #expect(try await bench.removeMembers(named: "a") == 0)
            #expect(try await bench.removeMembers(named: "b") == 1)
            #expect(try await bench.removeMembers(named: "nobody") == 0)
            #expect(try await members(bench) == ["a"])
            #expect(try await bench.pending().count == 1)
        }
    }

    @Test("Those idle for longer than given go, but never the owner of what waits")
    func byIdleTime() async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a")
            for name in ["b", "~parked"] {
                try await bench.command("XGROUP", "CREATECONSUMER", bench.stream, bench.group, name)
            }
            try await bench.command("XACK", bench.stream, bench.group, ids[0])
            #expect(try await bench.removeMembers(idle: 3_600_000) == 0)
            #expect(try await bench.removeMembers(named: "~parked", idle: -1) == 1)
            #expect(try await members(bench).sorted() == ["a", "~parked"])
        }
    }

    @Test("Without the group it is an error")
    func noGroup() async throws {
        try await ScriptBench.with { bench in
            try await bench.command("XGROUP", "DESTROY", bench.stream, bench.group)
            #expect(try await bench.removeMembers(named: "a").errorCode == "NOGROUP")
        }
    }
}
