// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// A group that processes of this version and of the one before share while a program is upgraded.
@Suite("Scripts beside those of the version before", .serialized)
struct FormerVersionTests {
    @Test("A pause that one version asks for holds for the other", arguments: [true, false])
    func pauses(isFormer: Bool) async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a@60000")
            try await bench.age(ids, of: "a@60000", idle: 3_600_000)
            let time = try await bench.time()
            let jumped = try await bench.version(isFormer).sweep(by: "b@60000") {
                ($0.visibility, $0.expected) = (60_000, time - 3_600_000)
            }
            #expect(jumped.expired.isEmpty)
            let other = try await bench.version(!isFormer).sweep(by: "c@60000") { $0.visibility = 60_000 }
            #expect(other.expired.isEmpty)
            #expect((30_000...40_000).contains(other.shutFor))
            try await bench.removeGuard()
            #expect(
                try await bench.version(!isFormer).sweep(by: "c@60000") { $0.visibility = 60_000 }.expired.count == 2)
        }
    }

    @Test(
        "A sweep of the former version closes the group for this one; the other way round, the second finds nothing")
    func sweeps() async throws {
        try await ScriptBench.with { bench in
            let former = bench.version(true)
            #expect(try await former.sweep(by: "a@60000") { $0.visibility = 60_000 }.rest == 0)
            let ids = try await bench.lease(2, by: "b@60000")
            try await bench.age(ids, of: "b@60000", idle: 70_000)
            let shut = try await bench.sweep(by: "c") { $0.visibility = 60_000 }
            #expect(shut.expired.isEmpty && (15_000...20_000).contains(shut.shutFor))
            try await bench.removeGuard()
            #expect(try await bench.sweep(by: "c") { $0.visibility = 60_000 }.expired == [ids[0]: 2, ids[1]: 2])
            #expect(try await bench.command("EXISTS", bench.formerGuard) == 0)
            let again = try await former.sweep(by: "a@60000") { $0.visibility = 60_000 }
            #expect(again.shutFor == 0 && again.expired.isEmpty, "what was leased a moment ago is nobody else's")
        }
    }

    @Test("The sorted set gets its placeholder, whoever made the group, and again after a former version took it")
    func placeholder() async throws {
        try await ScriptBench.with(isFormer: true) { former in
            let bench = former.version(false)
            #expect(try await bench.wholeSet() == [])
            #expect(try await bench.makeGroup().elements[1].text == former.epoch)
            #expect(try await bench.wholeSet() == ScriptBench.placeholder)
            let sweep = try await former.sweep(by: "a@60000")
            #expect(sweep.due.isEmpty && sweep.distance == -1)
            #expect(try await bench.wholeSet() == [], "it is junk to the former version")
            _ = try await bench.sweep(by: "b@60000")
            #expect(try await bench.wholeSet() == ScriptBench.placeholder)
        }
    }

    @Test("What one version parks, the other takes when it is due", arguments: [true, false])
    func retries(isFormer: Bool) async throws {
        try await ScriptBench.with { bench in
            let (first, second) = (bench.version(isFormer), bench.version(!isFormer))
            let ids = try await bench.lease(3, by: "a@60000")
            try await first.park([ids[0], ids[1]], by: "a@60000", delay: 60_000)
            try await second.park([ids[2]], by: "a@60000", delay: 60_000)
            let early = try await second.sweep(by: "b@60000")
            #expect(early.due.isEmpty && (50_000...60_000).contains(early.distance) && early.mended <= 1)
            for id in ids { try await bench.command("ZADD", bench.due, "0", member(id)) }
            #expect(try await second.sweep(by: "b@60000").dueOrder == ids)
            #expect(try await bench.waiting() == [])
        }
    }

    @Test(
        "The only entry that waits is found again when `~parked` is deleted, whoever swept and parks",
        arguments: [
            [true, true, false], [true, false, false], [false, true, true], [false, false, true],
        ])
    func restores(isFormer: [Bool]) async throws {
        try await ScriptBench.with { bench in
            let ids = try await bench.lease(2, by: "a@60000")
            try await bench.version(isFormer[0]).park([ids[0]], by: "a@60000", delay: 60_000)
            _ = try await bench.version(isFormer[1]).sweep(by: "b@60000")
            try await bench.command("XGROUP", "DELCONSUMER", bench.stream, bench.group, "~parked")
            try await bench.version(isFormer[2]).park([ids[1]], by: "a@60000", delay: 60_000)
            for id in ids { try await bench.command("ZADD", bench.due, "0", member(id)) }
            #expect(try await bench.version(isFormer[2]).sweep(by: "b@60000").dueOrder == ids)
        }
    }
}
