// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerTestKit
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// Processes that end without a word.
    @Suite struct KilledProcesses {
        /// 200 messages are in flight all the time: what is settled is followed by as many new ones.
        @Test func nothingIsLostWhenProcessesAreKilled() async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.prefetch) = (16, 64)
                (settings.visibility, settings.attempts) = (2000, 50)
                try await Supervisor.with(3, settings) { crew in
                    var dice = SeededGenerator(seed: 20)
                    var published = 0
                    for _ in 0..<20 {
                        let wanted = crew.lines.handled.count + 200
                        let numbers = published..<max(published, wanted)
                        let texts = numbers.map { "\($0) \(Int.random(in: 20...250, using: &dice))" }
                        if !texts.isEmpty { try await server.publish(texts, to: "work") }
                        published = max(published, wanted)
                        try await Calm.pass(.milliseconds(Int.random(in: 200...800, using: &dice)))
                        crew.kill(Int.random(in: 0..<3, using: &dice))
                    }
                    try await crew.wait(for: "every message", within: .seconds(60)) { $0.handled.count >= published }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    let takeovers = Takeovers(crew.lines, visibility: settings.visibility)
                    let lost = published - crew.lines.handled.count
                    print("killed: \(published) messages, lost \(lost), \(takeovers), \(crew.lines.summary)")
                    #expect(lost == 0 && crew.deaths == 20)
                    #expect(try await server.command("XLEN", "{work}:dead").integer == 0)
                    #expect(takeovers.early.isEmpty)
                    #expect(takeovers.late.isEmpty)
                    #expect(crew.lines.doubled.isEmpty)
                }
            }
        }

        @Test(arguments: [64, 256])
        func aMessageThatAbortsItsProcessIsTheOnlyDeadLetter(prefetch: Int) async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.prefetch) = (16, prefetch)
                try await server.publish(["poison 0 abort"] + (1...400).map { "\($0) 20" }, to: "work")
                try await Supervisor.with(3, settings) { crew in
                    try await crew.wait(for: "the others", within: .seconds(40)) { $0.handled.count == 400 }
                    try await eventually("the dead letter", within: .seconds(20)) {
                        try await server.command("XLEN", "{work}:dead").integer == 1
                    }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    let letters = try await server.command("XRANGE", "{work}:dead", "-", "+").elements
                    let fields = letters[0]?.elements[1]?.elements.map { $0.string ?? "" } ?? []
                    print("aborted, prefetch \(prefetch): deaths \(crew.deaths), \(crew.lines.summary)")
                    #expect(letters.count == 1)
                    #expect(fields.contains("poison 0 abort") && fields.contains("crashed"))
                    #expect(crew.deaths == settings.attempts)
                    #expect(crew.lines.doubled.isEmpty)
                }
            }
        }
    }
}
