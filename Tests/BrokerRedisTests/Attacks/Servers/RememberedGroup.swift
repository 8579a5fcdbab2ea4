// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import Logging
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// A group that is destroyed goes on at its floor, which the upkeep writes.
    @Suite struct RememberedGroup {
        @Test func nothingFromBeforeTheFloorBeginsAgain() async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                settings.concurrency = 8
                try await Supervisor.with(1, settings) { crew in
                    try await handle(0..<40, server, crew)
                    try await maintain(server)
                    try await handle(40..<60, server, crew)
                    try await server.publish((60..<64).map { "\($0) 2000" }, to: "work")
                    try await crew.wait(for: "handlers") { $0.of("begin").count == 64 }
                    try await server.command("XGROUP", "DESTROY", "work", "crew")
                    try await handle(64..<70, server, crew)
                    let begins = crew.lines.begins
                    let twice = begins.filter { $0.value > 1 }.keys.compactMap { Int($0) }
                    print("destroyed behind its floor: \(twice.count) twice, \(crew.lines.summary)")
                    #expect((0..<40).allSatisfy { begins["\($0)"] == 1 }, "before the floor")
                    #expect(twice.allSatisfy { (40..<64).contains($0) && begins["\($0)"] == 2 })
                    #expect(crew.deaths == 0)
                }
            }
        }

        /// Publishes messages and waits until they, and all before them, are handled and settled.
        private func handle(_ numbers: Range<Int>, _ server: RedisServer, _ crew: Supervisor) async throws {
            try await server.publish(numbers.map { "\($0) 0" }, to: "work")
            try await crew.wait(for: "every message") { $0.handled.count == numbers.upperBound }
            try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
        }

        private func maintain(_ server: RedisServer) async throws {
            let provider = try RedisStreamsProvider(
                RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.url))),
                clock: EngineThread.shared,
                logger: Logger(label: "silent", factory: { _ in SwiftLogNoOpLogHandler() }))
            _ = try await provider.maintain(
                MaintenanceRequest(streams: [
                    .init(selection: .stream("work"), retention: RetentionPolicy(), groups: ["crew"])
                ]))
            await provider.close()
        }
    }
}
