// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnServers {
    /// The sorted set of what waits, in other hands; and entries that somebody deletes.
    @Suite struct DisturbedIndex {
        /// What is done to `{work}:crew:due`.
        enum Disturbance: String, CaseIterable {
            case deleted, junk, text, list, ownerDeleted
        }

        @Test(arguments: Disturbance.allCases)
        func whatWaitsComesAgainWhateverBecomesOfTheIndex(_ disturbance: Disturbance) async throws {
            let due = "{work}:crew:due"
            try await withWorker(delay: 1500) { server, crew in
                try await server.publish((0..<20).map { "\($0) 0 stumble" }, to: "work")
                try await crew.wait(for: "20 retries") { $0.settled("retry").count == 20 }
                switch disturbance {
                case .deleted: try await server.command("DEL", due)
                case .junk:
                    try await server.command(
                        "ZADD", due, "0", "junk", "1", "0-0", "2", "9-x", "3", "", "4", "18446744073709551616-1",
                        "9007199254740993", "1-1", "-inf", "-")
                case .text: try await server.command("SET", due, "junk")
                case .list:
                    try await server.command("DEL", due)
                    try await server.command("RPUSH", due, "junk")
                case .ownerDeleted: try await server.command("XGROUP", "DELCONSUMER", "work", "crew", "~parked")
                }
                try await Calm.expect(of: crew, "\(disturbance) due set") {
                    try await crew.wait(for: "every message") { $0.handled.count == 20 }
                    try await Calm.pass(.seconds(1))
                }
                try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                try await eventually("no junk") {
                    try await server.command("ZRANGE", due, "0", "-1").elements.map(\.string) == ["~placeholder"]
                }
                #expect(crew.lines.begins.values.allSatisfy { $0 == 2 })
            }
        }

        /// The consumer is deleted on the server, with four messages in handlers and eight behind them; those of the
        /// first round that are to be retried are so.
        @Test func whatADeletedConsumerHasInHandIsHandled() async throws {
            try await withWorker { server, crew in
                try await server.publish((0..<12).map { "\($0) 900\($0 < 2 ? " stumble" : "")" }, to: "work")
                try await crew.wait(for: "four handlers") { $0.of("begin").count == 4 }
                try await Calm.expect(of: crew, "DELCONSUMER of a live worker") {
                    let members = try await server.command("XINFO", "CONSUMERS", "work", "crew").elements
                    for member in members {
                        let name = try #require(member.elements[1]?.string)
                        #expect(name == "~parked" || name.count { $0 == "@" } == 1, "the visibility stands there once")
                        try await server.command("XGROUP", "DELCONSUMER", "work", "crew", name)
                    }
                    try await crew.wait(for: "all handlers") { $0.handled.count == 12 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    try await Calm.pass(.seconds(1))
                }
                #expect(crew.lines.begins.values.sorted() == Array(repeating: 1, count: 10) + [2, 2])
            }
        }

        /// Of six messages in handlers two are deleted, or all trimmed.
        @Test(arguments: [false, true])
        func handlersOfDeletedEntriesFinish(isTrim: Bool) async throws {
            try await withWorker(concurrency: 6) { server, crew in
                try await server.publish((0..<6).map { "\($0) 2500" }, to: "work")
                try await crew.wait(for: "six handlers") { $0.of("begin").count == 6 }
                let ids = crew.lines.of("begin").map(\.id)
                try await Calm.expect(of: crew, isTrim ? "XTRIM of held" : "XDEL of held") {
                    if isTrim {
                        try await server.command("XTRIM", "work", "MAXLEN", "0")
                    } else {
                        try await server.command("XDEL", "work", ids[0], ids[1])
                    }
                    try await crew.wait(for: "all handlers") { $0.handled.count == 6 }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    try await Calm.pass(.seconds(1))
                }
                #expect(crew.lines.begins.values.allSatisfy { $0 == 1 })
                #expect(crew.lines.of("lost").isEmpty && crew.lines.of("thrown").isEmpty)
            }
        }

        /// Of six messages that wait for a retry two are deleted, or all trimmed.
        @Test(arguments: [false, true])
        func deletedEntriesThatWaitAreReportedOnce(isTrim: Bool) async throws {
            try await withWorker(delay: 1500) { server, crew in
                try await server.publish((0..<6).map { "\($0) 0 stumble" }, to: "work")
                try await crew.wait(for: "six retries") { $0.settled("retry").count == 6 }
                let ids = crew.lines.of("begin").map(\.id)
                let gone = isTrim ? ids : Array(ids[..<2])
                try await Calm.expect(of: crew, isTrim ? "XTRIM of parked" : "XDEL of parked") {
                    if isTrim {
                        try await server.command("XTRIM", "work", "MAXLEN", "0")
                    } else {
                        try await server.command("XDEL", "work", gone[0], gone[1])
                    }
                    try await crew.wait(for: "the rest") { $0.handled.count == 6 - gone.count }
                    try await crew.wait(for: "the reports") { $0.of("missing").count >= gone.count }
                    try await eventually("nothing pending") { try await server.pendingCount("work", "crew") == 0 }
                    try await Calm.pass(.seconds(1))
                }
                #expect(crew.lines.of("missing").map(\.id).sorted() == gone.sorted())
            }
        }

        private func withWorker(
            concurrency: Int = 4, delay: Int = 100, _ body: (RedisServer, Supervisor) async throws -> Void
        ) async throws {
            try await RedisServer.with { server in
                var settings = WorkerSettings(server.url)
                (settings.concurrency, settings.delay) = (concurrency, delay)
                try await Supervisor.with(1, settings) { crew in
                    try await crew.wait(for: "a consumer") { !$0.of("subscribed").isEmpty }
                    try await body(server, crew)
                }
            }
        }
    }
}
