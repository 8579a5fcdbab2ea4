// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisTestSupport
import Testing

/// While a slot is only marked for migration, a script with one key that does not exist is refused on both sides.
@Suite("Scripts in a slot that is marked for migration", .serialized)
struct MarkedSlotTests {
    @Test("Leases are extended, given up, taken over when they expire, taken when they are due, and restored")
    func leases() async throws {
        try await withMarkedSlot { bench, _ in
            func sweep() async throws -> ScriptBench.Sweep {
                try await bench.sweep(by: "b") { $0.visibility = 60_000 }
            }
            let ids = try await bench.lease(6, by: "a")
            #expect(try await bench.extend([ids[0]], by: "a") == [ScriptBench.done])
            let parked = try await bench.park([ids[1], ids[2]], by: "a", waiting: 1_000_000)
            #expect(parked == [ScriptBench.done, ScriptBench.done])
            #expect(try await sweep().due == [ids[1]: 1_000_001, ids[2]: 1_000_001])
            #expect(try await sweep().shutFor > 0, "the guard is written")
            try await bench.age([ids[3]], of: "a", idle: 70_000)
            try await bench.command("HDEL", bench.floor, "guard")
            #expect(try await sweep().expired == [ids[3]: 2])
            try await bench.command("XGROUP", "DELCONSUMER", bench.stream, bench.group, "a")
            #expect(try await bench.restore([ids[4], ids[5]], by: "a") == [5, 5])
            #expect(try await bench.park([ids[4]], by: "a", token: 2) == [ScriptBench.done])
            #expect(try await sweep().due == [ids[4]: 3])
        }
    }

    @Test("Dead letters and outputs are stored in streams that exist; groups are joined, rewound, maintained")
    func theRest() async throws {
        try await withMarkedSlot { bench, _ in
            let ids = try await bench.lease(3, by: "a")
            #expect(try await bench.bury([ids[0]], by: "a") == [ScriptBench.done])
            #expect(try await bench.forward(ids[1], by: "a") == [ScriptBench.done])
            #expect(try await bench.makeGroup().elements[1].text == bench.epoch)
            #expect(try await bench.maintain(length: 1).elements.first == 2, "the two that are settled")
            #expect(try await bench.removeMembers(named: "nobody") == 0)
            #expect(try await bench.rewind(to: "0") == "0-0")
            #expect(try await bench.read(10, by: "b").last == ids[2])
        }
    }

    @Test("What has to be made waits until the slot has moved, and nothing of it is done before")
    func waits() async throws {
        try await withMarkedSlot(hasDestinations: false) { bench, slot in
            let ids = try await bench.lease(2, by: "a")
            let pending = try await bench.pending()
            #expect(try await bench.bury([ids[0]], by: "a").errorCode == "TRYAGAIN")
            #expect(try await bench.forward(ids[1], by: "a").errorCode == "TRYAGAIN")
            #expect(try await bench.pending() == pending)
            #expect(try await bench.extend(ids, by: "a") == [ScriptBench.done, ScriptBench.done], "leases are kept")
            try await slot.unmark()
            #expect(try await bench.bury([ids[0]], by: "a") == [ScriptBench.done])
            #expect(try await bench.forward(ids[1], by: "a") == [ScriptBench.done])
        }
    }

    @Test("A group is made on neither side")
    func newGroup() async throws {
        try await withMarkedSlot { bench, slot in
            let keys = [bench.stream, "{orders}:other:floor", "{orders}:other:due"]
            let refused = try await bench.run(RedisScripts.group, keys: keys, ["other", "0", "0"])
            #expect(refused.errorCode == "TRYAGAIN")
            #expect(try await bench.command("XINFO", "GROUPS", bench.stream).elements.count == 1)
            try await slot.unmark()
            #expect(try await bench.run(RedisScripts.group, keys: keys, ["other", "0", "0"]).elements[2] == 1)
        }
    }

    @Test("The scripts of the version before are refused")
    func former() async throws {
        try await withMarkedSlot(isFormer: true) { bench, _ in
            let ids = try await bench.lease(1, by: "a")
            #expect(try await bench.park(ids, by: "a").errorCode == "TRYAGAIN")
            #expect(try await bench.sweepAnswer(by: "b", .init()).errorCode == "TRYAGAIN")
        }
    }

    /// Runs `body` with a group that was made before its slot was marked. The slot stays marked unless `body` ends
    /// that.
    private func withMarkedSlot(
        isFormer: Bool = false, hasDestinations: Bool = true,
        _ body: (ScriptBench, MovingSlot) async throws -> Void
    ) async throws {
        try await MovingSlot.with(of: "orders") { slot in
            try await ScriptBench.with(slot.source, isFormer: isFormer) { bench in
                for stream in [bench.letters, "{orders}:next"] where hasDestinations {
                    try await bench.command("XADD", stream, "*", "data", "before")
                }
                try await slot.mark()
                try await body(bench, slot)
            }
        }
    }
}
