// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// A line on which bodies take longer than leases last, if many of them are asked for at once.
    @Suite struct SlowLine {
        @Test func largeBodiesOverASlowLineAreHandledAndNoneIsGivenUp() async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    proxy.inject(.drip(bytesPerSecond: 400_000), times: .max) {
                        $0.hasReadMessages || $0.name == "XRANGE"
                    }
                    var settings = WorkerSettings(proxy.url)
                    (settings.concurrency, settings.prefetch, settings.attempts) = (16, 64, 3)
                    try await Supervisor.with(1, settings) { crew in
                        try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                        let body = String(repeating: "x", count: 50_000)
                        try await server.publish((0..<80).map { "\($0) 0 end \(body)" }, to: "work")
                        try await crew.wait(for: "every message", within: .seconds(90)) { $0.handled.count == 80 }
                        try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                        print("slow line: \(crew.lines.summary)")
                        #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
                        #expect(crew.lines.of("failed").isEmpty)
                    }
                }
            }
        }

        /// Each extension is on its way for most of the time between two of them.
        @Test func aLongWayCostsNoLease() async throws {
            try await RedisServer.with { server in
                try await RedisProxy.with(before: server.port) { proxy in
                    proxy.inject(.late(.milliseconds(400)), times: .max) { _ in true }
                    var settings = WorkerSettings(proxy.url)
                    (settings.concurrency, settings.visibility) = (8, 2000)
                    try await Supervisor.with(2, settings) { crew in
                        try await crew.wait(for: "consumers") { $0.of("subscribed").count == 2 }
                        try await server.publish((0..<8).map { "\($0) 5000" }, to: "work")
                        try await crew.wait(for: "every message") { $0.handled.count == 8 }
                        try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                        print("a long way: \(crew.lines.summary)")
                        #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                        #expect(crew.lines.of("got").allSatisfy { $0.kind == "new" })
                        #expect(crew.lines.of("lost").isEmpty)
                    }
                }
            }
        }
    }
}
