// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisTestSupport
import RedisWire
import Testing

extension Attacks {
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
    }
}
