// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension Attacks {
    /// A process that may open nothing any more: no file, no socket.
    @Suite struct ExhaustedDescriptors {
        /// A handler takes what there is, and then the server ends every connection: none can be made for a while.
        @Test func workGoesOnWhenDescriptorsAreFreeAgain() async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                settings.visibility = 60_000
                try await Supervisor.with(1, settings) { crew in
                    try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                    try await Calm.expect(of: crew, "no descriptors") {
                        try await server.publish(["hoarder 4000 hoard", "0 1500"], to: "work")
                        try await crew.wait(for: "handlers") { $0.of("begin").count == 2 }
                        try await Calm.pass(.milliseconds(300))
                        try await server.command("CLIENT", "KILL", "TYPE", "normal")
                        try await server.publish((1...50).map { "\($0) 0" }, to: "work")
                        try await crew.wait(for: "failed calls") {
                            $0.of("failed").contains { $0.words.contains("receive") }
                        }
                        #expect(!crew.lines.handled.contains("hoarder"), "they failed while there was nothing to open")
                        try await crew.wait(for: "the hoarder's end") { $0.handled.contains("hoarder") }
                    }
                    try await crew.wait(for: "every message") { $0.handled.count == 52 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    print("no descriptors: deaths \(crew.deaths), \(crew.lines.summary)")
                    #expect(crew.deaths == 0)
                    #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                    #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
                }
            }
        }
    }
}
