// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite(.inRealTime, .serialized) struct RedisServerTests {
    @Test func answersOverAPortAndOverASocket() async throws {
        try await RedisServer.with { server in
            for url in [server.url, server.socketURL, "redis://localhost:\(server.port)"] {
                let connection = try await server.link(url) { $0.clientName = "wire-test" }.connection()
                #expect(try await connection.submit(RedisCommands("PING")).reply().string == "PONG")
                #expect(try await connection.submit(RedisCommands("CLIENT", "GETNAME")).reply().string == "wire-test")
            }
        }
    }

    @Test func keepsDatabasesApart() async throws {
        try await RedisServer.with { server in
            let third = try await server.link(server.url + "/3").connection()
            _ = try await third.send(RedisCommands("SET", "a", "b"))
            #expect(try await third.submit(RedisCommands("GET", "a")).reply().string == "b")
            let zero = try await server.link().connection()
            #expect(try await zero.submit(RedisCommands("GET", "a")).reply().kind == .null)
        }
    }

    @Test func answersAPipelineOfTenThousandInOrder() async throws {
        try await RedisServer.with { server in
            let connection = try await server.link().connection()
            var commands = RedisCommands()
            for number in 0..<10_000 {
                commands.begin(2, "ECHO")
                commands.add(number)
            }
            let replies = try await connection.send(commands)
            #expect(replies.map(\.integer) == (0..<10_000).map { $0 })
        }
    }

    @Test func callersOnManyTasksGetTheirOwnReplies() async throws {
        try await RedisServer.with { server in
            let connection = try await server.link().connection()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for caller in 0..<50 {
                    group.addTask {
                        for call in 0..<100 {
                            let echo = RedisCommands("ECHO", "\(caller).\(call)")
                            guard try await connection.submit(echo).reply().string == "\(caller).\(call)" else {
                                return false
                            }
                        }
                        return true
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    /// The server stands still while callers submit, so that the socket takes only a part.
    @Test(arguments: [(1000, 4000), (60, 300_000)])
    func keepsTheOrderOfEachCallerWhereTheSocketIsFull(count: Int, largest: Int) async throws {
        try await RedisServer.with { server in
            let connection = try await server.link().connection()
            try server.freeze()
            let calls = try await withThrowingTaskGroup(of: [PendingReplies].self) { group in
                for caller in 0..<4 {
                    group.addTask {
                        try (0..<count).map { number in
                            let body = String(repeating: "x", count: number % 3 == 0 ? largest : 4000)
                            return try connection.submit(RedisCommands("RPUSH", "\(caller)", body))
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try server.thaw()
            for calls in calls {
                for (number, call) in calls.enumerated() { #expect(try await call.reply().integer == number + 1) }
            }
        }
    }

    @Test func carriesAnyBytesUpToAMegabyte() async throws {
        try await RedisServer.with { server in
            let connection = try await server.link().connection()
            for size in [0, 1, 16_383, 16_384, 16_385, 1 << 20] {
                let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                var commands = RedisCommands()
                commands.begin(3, "SET")
                commands.add("a")
                commands.add(body)
                commands.begin(2, "GET")
                commands.add("a")
                #expect(try await connection.send(commands)[1]?.bytes == body)
            }
        }
    }

    @Test func presentsThePasswordOfTheDefaultUserAndOfAnother() async throws {
        let arguments = { (port: Int, _: String) in
            ["--port", "\(port)", "--requirepass", "se@cret", "--user", "app", "on", ">pw", "~*", "+@all"]
        }
        try await RedisServer.with(arguments: arguments) { server in
            for user in [":se%40cret", "default:se%40cret", "app:pw"] {
                let connection = try await server.link("redis://\(user)@127.0.0.1:\(server.port)").connection()
                #expect(try await connection.submit(RedisCommands("PING")).reply().string == "PONG")
            }
            for user in ["", ":hunter2@", "app:hunter2@", "nobody:hunter2@"] {
                let link = try server.link("redis://\(user)127.0.0.1:\(server.port)")
                let error = await #expect(throws: RedisError.self) { try await link.connection() }
                #expect(error?.serverError?.reaction == .alarm)
                #expect(error.map { "\($0)".contains("hunter2") } == false)
            }
        }
    }

    @Test func aKilledConnectionIsMadeAgain() async throws {
        try await RedisServer.with { server in
            let link = try server.link()
            let first = try await link.connection()
            let blocked = try first.submit(RedisCommands("BLPOP", "none", "5"), blocking: .seconds(5))
            let killer = try await server.link().connection()
            _ = try await killer.send(RedisCommands("CLIENT", "KILL", "TYPE", "normal"))
            let error = await #expect(throws: RedisError.self) { try await blocked.replies() }
            #expect(error?.code == .connection)
            #expect(error?.effect == .unknown)
            await first.waitUntilEnded()
            let second = try await link.connection()
            #expect(second !== first)
            #expect(try await second.submit(RedisCommands("PING")).reply().string == "PONG")
        }
    }

    @Test func findsAServerThatWasKilledAndStartedAgain() async throws {
        try await RedisServer.with { server in
            let link = try server.link()
            let first = try await link.connection()
            await server.kill()
            await first.waitUntilEnded()
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.code == .connection)
            #expect(error?.effect == .notApplied)
            try await server.start()
            let second = try await link.connection()
            #expect(try await second.submit(RedisCommands("PING")).reply().string == "PONG")
        }
    }

    @Test func scriptsSurviveAFlush() async throws {
        try await RedisServer.with { server in
            let connection = try await server.link().connection()
            let script = RedisScript("return {KEYS[1], ARGV[1] + 1, redis.call('INCR', KEYS[1])}")
            for round in 1...5 {
                var calls = ScriptCalls()
                calls.begin(script, keys: 1, arguments: 1)
                calls.add("counter")
                calls.add(round)
                #expect(try await connection.run(calls).map(text) == ["[\"counter\" \(round + 1) \(round)]"])
                _ = try await connection.send(RedisCommands("SCRIPT", "FLUSH"))
            }
            let loaded = try await connection.submit(RedisCommands("SCRIPT", "LOAD", script.text)).reply()
            #expect(loaded.string == script.digest)
        }
    }

    @Test func anErrorInsideAScriptHasAnUnknownOutcome() async throws {
        try await RedisServer.with { server in
            let connection = try await server.link().connection()
            var calls = ScriptCalls()
            calls.begin(
                RedisScript("redis.call('SET', KEYS[1], 1) return redis.call('LPUSH', KEYS[1], 1)"), keys: 1,
                arguments: 0)
            calls.add("a")
            let error = try #require(try await connection.run(calls).first?.error)
            #expect(error.reaction == .isolateStream)
            #expect(RedisError(error).effect == .unknown)
        }
    }

    @Test func twoReadsCanBeInFlightAndEachMayBlock() async throws {
        try await RedisServer.with { server in
            let reader = try await server.link { $0.commandTimeout = .milliseconds(300) }.connection()
            let first = try reader.submit(RedisCommands("BLPOP", "a", "0.4"), blocking: .milliseconds(400))
            let second = try reader.submit(RedisCommands("BLPOP", "b", "0.4"), blocking: .milliseconds(400))
            // Behind both: its timeout of 300 ms begins when they are answered.
            let ping = try reader.submit(RedisCommands("PING"))
            #expect(try await first.reply().kind == .null)
            #expect(try await second.reply().kind == .null)
            #expect(try await ping.reply().string == "PONG")
        }
    }

    @Test func aTimeoutMeasuresOnlyWhoIsFirstInLine() async throws {
        try await RedisServer.with { server in
            let connection = try await server.link { $0.commandTimeout = .seconds(1) }.connection()
            let first = try connection.submit(RedisCommands("BLPOP", "a", "0.6"))
            // It is answered 1.2 s after it was submitted, and 0.6 s after its turn has come.
            let second = try connection.submit(RedisCommands("BLPOP", "b", "0.6"))
            #expect(try await first.reply().kind == .null)
            #expect(try await second.reply().kind == .null)
        }
    }

    @Test func aStoppedServerIsFoundOutByTheWatchdog() async throws {
        try await RedisServer.with { server in
            let link = try server.link()
            let connection = try await link.connection()
            let clock = ContinuousClock()
            let start = clock.now
            let blocked = try connection.submit(RedisCommands("BLPOP", "none", "0.2"), blocking: .milliseconds(200))
            try server.signal(SIGSTOP)
            let error = await #expect(throws: RedisError.self) { try await blocked.replies() }
            let elapsed = clock.now - start
            try server.signal(SIGCONT)
            #expect(error?.code == .timeout)
            #expect(error?.effect == .unknown)
            #expect(elapsed >= .milliseconds(2200))
            #expect(elapsed < .milliseconds(4200))
            #expect(try await link.connection().submit(RedisCommands("PING")).reply().string == "PONG")
        }
    }

    @Test func aServerThatIsFullIsTriedAgain() async throws {
        try await RedisServer.with { server in
            let admin = try await server.link().connection()
            _ = try await admin.send(RedisCommands("CONFIG", "SET", "maxclients", "1"))
            let link = try server.link()
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.isRetryable == true)
            _ = try await admin.send(RedisCommands("CONFIG", "SET", "maxclients", "100"))
            #expect(try await link.connection().isOpen)
        }
    }

    @Test func aNameWithoutAddressIsAnErrorThatCanBeTriedAgain() async throws {
        let link = try testLink("redis://no-such-host.invalid:1")
        let error = await #expect(throws: RedisError.self) { try await link.connection() }
        #expect(error?.code == .connection)
        #expect(error?.isRetryable == true)
    }
}
