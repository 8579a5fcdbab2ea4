// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// The stream and its group, in other hands: while a read is blocked, while handlers run, between reads.
    @Suite struct DisturbedStream {
        enum Disturbance: String, CaseIterable {
            case groupDestroyed, streamDeleted, flushed, swapped, overwritten
        }

        enum Moment: String, CaseIterable {
            case blocked, handling, reading
        }

        @Test(arguments: Disturbance.allCases)
        func consumersComeBack(after disturbance: Disturbance) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for moment in Moment.allCases { group.addTask { try await attack(disturbance, moment) } }
                try await group.waitForAll()
            }
        }

        /// A group that is lost again and again is made again ever more slowly, and one line tells of many.
        @Test func aGroupThatIsDestroyedAgainAndAgainComesBack() async throws {
            try await RedisServer.with { server in
                try await Supervisor.with(1, WorkerSettings(server.url)) { crew in
                    try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                    try await Calm.expect(of: crew, "group destroyed every 50 ms") {
                        for number in 0..<80 {
                            try await server.publish(["\(number) 10"], to: "work")
                            try await server.command("XGROUP", "DESTROY", "work", "crew")
                            try await Calm.pass(.milliseconds(50))
                        }
                    }
                    try await crew.wait(for: "every message") { $0.handled.count == 80 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    print("group destroyed every 50 ms: \(crew.lines.summary)")
                }
            }
        }

        private func attack(_ disturbance: Disturbance, _ moment: Moment) async throws {
            let what = "\(disturbance) while \(moment)"
            try await RedisServer.with { server in
                try await Supervisor.with(1, WorkerSettings(server.url)) { crew in
                    try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                    let before = try await prepare(moment, server, crew)
                    try await Calm.expect(of: crew, what) {
                        try await disturb(disturbance, server)
                        try await Calm.pass(.seconds(3))
                        if disturbance == .overwritten { try await server.command("DEL", "work") }
                        try await server.publish((1000..<1010).map { "\($0) 10" }, to: "work")
                        try await crew.wait(for: "what comes after \(what)", within: .seconds(9)) { lines in
                            lines.handled.filter { $0.count == 4 }.count == 10
                        }
                    }
                    // What was in the stream is still there when only its group is gone.
                    if disturbance == .groupDestroyed {
                        try await crew.wait(for: "what came before \(what)") { $0.handled.isSuperset(of: before) }
                    }
                    try await eventually("nothing pending after \(what)") {
                        try await server.pendingCount("work", "crew") == 0
                    }
                    print("\(what): \(crew.lines.summary)")
                }
            }
        }

        private func prepare(_ moment: Moment, _ server: RedisServer, _ crew: Supervisor) async throws -> [String] {
            switch moment {
            case .blocked:
                try await eventually("a blocked read") {
                    try await server.command("INFO", "clients").string?.contains("blocked_clients:1") == true
                }
                return []
            case .handling:
                try await server.publish((0..<4).map { "\($0) 1500" }, to: "work")
                try await crew.wait(for: "handlers") { $0.of("begin").count == 4 }
                return (0..<4).map { "\($0)" }
            case .reading:
                try await server.publish((0..<200).map { "\($0) 10" }, to: "work")
                try await crew.wait(for: "reads") { $0.of("end").count > 20 }
                return (0..<200).map { "\($0)" }
            }
        }

        private func disturb(_ disturbance: Disturbance, _ server: RedisServer) async throws {
            switch disturbance {
            case .groupDestroyed: try await server.command("XGROUP", "DESTROY", "work", "crew")
            case .streamDeleted: try await server.command("DEL", "work")
            case .flushed: try await server.command("FLUSHALL")
            case .swapped: try await server.command("SWAPDB", "0", "1")
            case .overwritten: try await server.command("SET", "work", "something else")
            }
        }
    }
}
