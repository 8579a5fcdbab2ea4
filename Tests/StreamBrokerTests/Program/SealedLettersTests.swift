// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Foundation
import RedisTestSupport
import RedisWire
import Testing

extension ProgramTests {
    /// Middleware around everything that a program publishes and handles.
    @Suite struct SealedLettersTests {
        private static let key = String(repeating: "5a", count: 32)

        @Test func everyLetterHasOneTraceWhereverItIsSeen() async throws {
            let child = try ChildProcess(example: "SealedLetters", [])
            #expect(try await child.exit().code == 0)
            #expect(child.lines == [Self.summary(20, provider: "memory")])
            let lines = child.complaints.filter { $0.contains("A letter is delivered") }
            #expect(lines.count == 20)
            let traces = lines.compactMap { $0.firstMatch(of: /trace-id=([0-9a-f]+)/)?.1 }
            #expect(Set(traces).count == 20, "the log lines of each handler name the trace of its letter")
        }

        @Test func nothingThatIsStoredCanBeRead() async throws {
            try await RedisServer.with { server in
                let child = try start([], server)
                #expect(try await child.exit().code == 0)
                #expect(child.lines == [Self.summary(20, provider: "redis-streams")])
                for stream in ["letters", "routes", "postage"] {
                    let entries = try await server.command("XRANGE", stream, "-", "+").elements
                    #expect(entries.count == 20)
                    for entry in entries {
                        let fields = entry.elements[1]?.elements.map { $0.string ?? "" } ?? []
                        #expect(fields.contains("trace-id"))
                        #expect(fields.allSatisfy { !$0.contains("grams") && !$0.contains("Dear") })
                    }
                }
            }
        }

        @Test func aLetterOfAnotherKeyIsADeadLetterAtOnce() async throws {
            try await RedisServer.with { server in
                #expect(try await start(["3"], server).exit().code == 0)
                try await server.command("XADD", "routes", "*", "data", "in clear")
                let other = try start(["3"], server, key: String(repeating: "a5", count: 32))
                #expect(try await other.exit().code == 0)
                try await eventually("it is dead") { try await server.command("XLEN", "{routes}:dead").integer == 1 }
            }
        }

        @Test(arguments: [["many"], ["-1"], ["1", "2"], ["1001"], [""]])
        func aWrongArgumentShowsTheUsage(arguments: [String]) async throws {
            let child = try ChildProcess(example: "SealedLetters", arguments)
            #expect(try await child.exit().code == 64)
            #expect(child.lines == [])
            #expect(
                child.complaints == ["usage: SealedLetters [NUMBER OF LETTERS]    from 0 to 1000, by default 20"])
        }

        @Test(arguments: ["", "5a", String(repeating: "xy", count: 32), String(repeating: "5a", count: 33)])
        func aKeyThatIsNoneIsRefusedAndNotShown(key: String) async throws {
            let child = try ChildProcess(example: "SealedLetters", ["1"], environment: ["LETTERS_KEY": key])
            #expect(try await child.exit().code == 64)
            #expect(
                child.complaints == ["error: expected 64 hexadecimal digits in LETTERS_KEY; correct or unset it"])
        }

        private func start(
            _ arguments: [String], _ server: RedisServer, key: String = key
        ) throws -> ChildProcess {
            let environment = [
                "STREAMBROKER_ENV": "production", "REDIS_URL": server.url + "/0", "LETTERS_KEY": key,
            ]
            return try ChildProcess("SealedLetters", arguments, environment: environment)
        }

        private static func summary(_ count: Int, provider: String) -> String {
            "{\"published\":\(count),\"delivered\":\(count),\"traced\":\(count),\"lost\":0,\"provider\":\"\(provider)\"}"
        }
    }
}
