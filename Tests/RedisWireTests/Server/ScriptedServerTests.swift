// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Testing

@Suite(.inRealTime) struct ScriptedServerTests {
    private func url(_ server: ScriptedServer, _ user: String = "") -> String {
        "redis://\(user)127.0.0.1:\(server.port)"
    }

    @Test func introducesItselfInOrder() async throws {
        try await ScriptedServer.with { server in
            _ = try await testLink(url(server, "me:se%20cret@") + "/3") { $0.clientName = "orders" }.connection()
            #expect(
                server.received == [
                    ["AUTH", "me", "se cret"], ["SELECT", "3"], ["CLIENT", "SETNAME", "orders"], ["PING"],
                ])
        }
    }

    @Test func nothingFollowsARefusedPassword() async throws {
        try await ScriptedServer.with { command in
            command[0] == "AUTH" ? .bytes("-WRONGPASS invalid username-password pair\r\n") : nil
        } _: { server in
            let link = try testLink(url(server, ":wrong@"))
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.serverError?.reaction == .alarm)
            #expect(error?.effect == .notApplied)
            #expect(server.received == [["AUTH", "wrong"]])
        }
    }

    @Test(arguments: [
        ("SELECT", "-ERR DB index is out of range\r\n", ServerReaction.fail),
        ("PING", "-LOADING Redis is loading the dataset in memory\r\n", .backOff),
        ("PING", "-NOAUTH Authentication required.\r\n", .alarm),
        ("PING", "-MASTERDOWN Link with MASTER is down\r\n", .backOff),
    ])
    func aServerThatCannotServeIsNoConnection(_ name: String, _ reply: String, _ reaction: ServerReaction) async throws
    {
        try await ScriptedServer.with {
            $0[0] == name ? .bytes(reply) : nil
        } _: { server in
            let link = try testLink(url(server))
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.serverError?.reaction == reaction)
        }
    }

    @Test func aUserMayBeForbiddenToPing() async throws {
        try await ScriptedServer.with { command in
            ["PING", "CLIENT"].contains(command[0]) ? .bytes("-NOPERM this user has no permissions\r\n") : nil
        } _: { server in
            let connection = try await testLink(url(server)).connection()
            #expect(connection.isOpen)
        }
    }

    @Test func aFullServerIsTriedAgain() async throws {
        try await ScriptedServer.with(greeting: "-ERR max number of clients reached\r\n") { _ in
            .cut("")
        } _: { server in
            let link = try testLink(url(server))
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.isRetryable == true)
        }
    }

    @Test func readsRepliesThatComeByteByByte() async throws {
        let reply = "*1\r\n*2\r\n$6\r\norders\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nd\r\n$-1\r\n"
        try await ScriptedServer.with {
            $0[0] == "XREADGROUP" ? .dribble(reply) : nil
        } _: { server in
            let connection = try await testLink(url(server)).connection()
            let answer = try await connection.submit(RedisCommands("XREADGROUP")).reply()
            #expect(text(of: answer) == #"[["orders" [["1-1" ["d" nil]]]]]"#)
        }
    }

    @Test func aReplyThatIsCutIsNeverHandedOver() async throws {
        let reply = "*2\r\n$3\r\nabc\r\n:1\r\n"
        for cut in 0..<reply.utf8.count {
            try await ScriptedServer.with {
                $0[0] == "GET" ? .cut(String(decoding: reply.utf8.prefix(cut), as: UTF8.self)) : nil
            } _: { server in
                let connection = try await testLink(url(server)).connection()
                let error = await #expect(throws: RedisError.self) {
                    try await connection.submit(RedisCommands("GET", "a")).reply()
                }
                #expect(error?.effect == .unknown)
                #expect(!connection.isOpen)
            }
        }
    }

    @Test(arguments: [
        "*2147483647\r\n", "$536870913\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "?",
    ])
    func hostileBytesEndTheConnection(_ bytes: String) async throws {
        try await ScriptedServer.with {
            $0[0] == "GET" ? .bytes(bytes) : nil
        } _: { server in
            let connection = try await testLink(url(server)).connection()
            let error = await #expect(throws: RedisError.self) { try await connection.send(RedisCommands("GET", "a")) }
            #expect(error?.code == .malformedReply)
            #expect(error?.effect == .unknown)
            await connection.waitUntilEnded()
        }
    }

    @Test func aReplyThatNobodyAskedForEndsTheConnection() async throws {
        try await ScriptedServer.with {
            $0[0] == "GET" ? .bytes("+a\r\n+b\r\n") : nil
        } _: { server in
            let connection = try await testLink(url(server)).connection()
            #expect(try await connection.submit(RedisCommands("GET", "a")).reply().string == "a")
            await connection.waitUntilEnded()
            #expect(connection.failure?.code == .malformedReply)
        }
    }

    @Test func aSilentServerIsGivenUpAfterTheCommandTimeout() async throws {
        try await ScriptedServer.with { server in
            let connection = try await testLink(url(server)) { $0.commandTimeout = .milliseconds(100) }.connection()
            let (first, second) = (
                try connection.submit(RedisCommands("GET", "a")), try connection.submit(RedisCommands("GET", "b"))
            )
            for pending in [first, second] {
                let error = await #expect(throws: RedisError.self) { try await pending.replies() }
                #expect(error?.code == .timeout)
                #expect(error?.effect == .unknown)
            }
            let late = #expect(throws: RedisError.self) { try connection.submit(RedisCommands("GET", "c")) }
            #expect(late?.effect == .notApplied)
        }
    }

    @Test func aSilentServerIsGivenUpHoweverOftenItIsAsked() async throws {
        try await ScriptedServer.with {
            $0[0] == "GET" ? .silence : nil
        } _: { server in
            let connection = try await testLink(url(server)).connection()
            let first = try connection.submit(RedisCommands("GET", "a"), timeout: .milliseconds(200))
            for _ in 0..<200 where first.outcome == nil {
                _ = try? connection.submit(RedisCommands("GET", "b"), timeout: .milliseconds(200))
                try await Task.sleep(for: .milliseconds(20))
            }
            guard case .failure(let error)? = first.outcome else { throw RigFailure("the first one still waits") }
            #expect(error.code == .timeout)
        }
    }

    @Test func whoIsInAHurryDoesNotWaitForTheTimeoutOfOthers() async throws {
        try await ScriptedServer.with { server in
            let connection = try await testLink(url(server)) { $0.commandTimeout = .seconds(60) }.connection()
            let patient = try connection.submit(RedisCommands("GET", "a"))
            try await server.waitForCommands { $0.last == ["GET", "a"] }
            let hurried = try connection.submit(RedisCommands("GET", "b"), timeout: .milliseconds(100))
            for pending in [patient, hurried] {
                let error = await #expect(throws: RedisError.self) { try await pending.replies() }
                #expect(error?.code == .timeout)
            }
        }
    }

    @Test func aReadThatBlocksMayKeepThoseInAHurryWaiting() async throws {
        try await ScriptedServer.with { server in
            let connection = try await testLink(url(server)) { $0.commandTimeout = .seconds(60) }.connection()
            let begin = ContinuousClock.now
            let read = try connection.submit(RedisCommands("XREADGROUP"), blocking: .zero)
            try await server.waitForCommands { $0.last == ["XREADGROUP"] }
            let hurried = try connection.submit(RedisCommands("GET", "b"), timeout: .milliseconds(100))
            for pending in [read, hurried] { _ = await pending.result() }
            #expect(ContinuousClock.now - begin >= RedisConnection.watchdogMargin)
        }
    }

    @Test func aConnectTimeoutHoldsAlsoWhenTheServerAcceptsAndIsSilent() async throws {
        try await ScriptedServer.with { _ in
            .silence
        } _: { server in
            let link = try testLink(url(server)) { $0.connectTimeout = .milliseconds(100) }
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.code == .timeout)
            #expect(error?.effect == .notApplied)
        }
    }

    @Test func moreBytesThanMayWaitAreRefused() async throws {
        try await ScriptedServer.with { server in
            let connection = try await testLink(url(server)) { $0.byteBound = 1000 }.connection()
            let large = RedisCommands("SET", "a", String(repeating: "x", count: 2000))
            let alone = try connection.submit(large)
            let error = #expect(throws: RedisError.self) { try connection.submit(RedisCommands("GET", "a")) }
            #expect(error?.code == .overloaded)
            #expect(error?.effect == .notApplied)
            #expect(error?.isRetryable == true)
            await connection.close()
            #expect(await alone.result().isFailure)
        }
    }

    @Test func anAnswerMakesRoomAgain() async throws {
        try await ScriptedServer.with {
            $0[0] == "SET" ? .bytes("+OK\r\n") : nil
        } _: { server in
            let connection = try await testLink(url(server)) { $0.byteBound = 100 }.connection()
            for _ in 0..<50 { _ = try await connection.send(RedisCommands("SET", "a", "b")) }
        }
    }

    @Test func closingEndsWhatWaits() async throws {
        try await ScriptedServer.with { server in
            let connection = try await testLink(url(server)).connection()
            let pending = try connection.submit(RedisCommands("GET", "a"))
            await connection.close()
            let error = await #expect(throws: RedisError.self) { try await pending.replies() }
            #expect(error?.code == .closed)
            #expect(throws: RedisError.self) { try connection.submit(RedisCommands("GET", "a")) }
        }
    }

    @Test func onlyForgottenScriptsAreSentAgainAndInOrder() async throws {
        let (known, forgotten) = (RedisScript("return 1"), RedisScript("return 2"))
        try await ScriptedServer.with { command in
            switch command[0] {
            case "EVALSHA": .bytes(command[1] == known.digest ? ":1\r\n" : "-NOSCRIPT No matching script.\r\n")
            case "EVAL": .bytes("$1\r\n\(command[4])\r\n")
            default: nil
            }
        } _: { server in
            let connection = try await testLink(url(server)).connection()
            var calls = ScriptCalls()
            for (script, argument) in [(forgotten, 7), (known, 8), (forgotten, 9)] {
                calls.begin(script, keys: 1, arguments: 1)
                calls.add("key")
                calls.add(argument)
            }
            let replies = try await connection.run(calls)
            #expect(replies.map(text) == ["\"7\"", "1", "\"9\""])
            #expect(
                server.received.suffix(2) == [
                    ["EVAL", "return 2", "1", "key", "7"], ["EVAL", "return 2", "1", "key", "9"],
                ])
        }
    }

    @Test func scriptsOfWhichSomeHaveRunAreNeverToldAsNotRun() async throws {
        let (known, forgotten) = (RedisScript("return 1"), RedisScript("return 2"))
        try await ScriptedServer.with { command in
            guard command[0] == "EVALSHA" else { return nil }
            return command[1] == known.digest ? .bytes(":1\r\n") : .cut("-NOSCRIPT No matching script.\r\n")
        } _: { server in
            let connection = try await testLink(url(server)).connection()
            var calls = ScriptCalls()
            for script in [known, forgotten] { calls.begin(script, keys: 0, arguments: 0) }
            let error = await #expect(throws: RedisError.self) { try await connection.run(calls) }
            #expect(error?.effect == .unknown)
        }
    }

    @Test func callersWhoComeTogetherShareOneConnection() async throws {
        try await ScriptedServer.with { server in
            let link = try testLink(url(server))
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 { group.addTask { try await link.connection().isOpen } }
                for try await isOpen in group { #expect(isOpen) }
            }
            #expect(server.received.count { $0 == ["PING"] } == 1)
            await link.close()
            let error = await #expect(throws: RedisError.self) { try await link.connection() }
            #expect(error?.code == .closed)
        }
    }

    @Test func aCancelledCallerGivesUpAndAnotherGoesOn() async throws {
        try await ScriptedServer.with {
            $0[0] == "PING" && $0.count == 1 ? .silence : nil
        } _: { server in
            let link = try testLink(url(server)) { $0.connectTimeout = .seconds(60) }
            try await withThrowingTaskGroup(of: RedisError?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do throws(RedisError) {
                            _ = try await link.connection()
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                try await server.waitForCommands(3)
                group.cancelAll()
                for try await error in group { #expect(error?.code == .cancelled) }
            }
            #expect(server.received.count { $0 == ["PING"] } <= 2)
        }
    }

    /// Who waits for somebody else's attempt need not wait until that has ended.
    @Test func aFollowerThatIsCancelledGivesUpAtOnce() async throws {
        try await ScriptedServer.with {
            $0[0] == "PING" && $0.count == 1 ? .silence : nil
        } _: { server in
            let link = try testLink(url(server)) { $0.connectTimeout = .seconds(60) }
            let leader = Task { try? await link.connection() }
            try await server.waitForCommands(3)
            let follower = Task { () async -> RedisError? in
                do throws(RedisError) {
                    _ = try await link.connection()
                    return nil
                } catch {
                    return error
                }
            }
            follower.cancel()
            #expect(await follower.value?.code == .cancelled)
            leader.cancel()
            #expect(await leader.value == nil)
        }
    }

    @Test func encodesIntegersAndBytesExactly() async throws {
        try await ScriptedServer.with {
            $0[0] == "SET" ? .bytes("+OK\r\n") : nil
        } _: { server in
            var commands = RedisCommands()
            commands.begin(6, "SET")
            commands.add(0)
            commands.add(Int.min)
            commands.add(UInt64.max)
            commands.add("a\r\nb")
            commands.add([UInt8]("x".utf8))
            _ = try await testLink(url(server)).connection().send(commands)
            #expect(
                server.received.last == ["SET", "0", "-9223372036854775808", "18446744073709551615", "a\r\nb", "x"])
        }
    }
}

extension Result {
    var isFailure: Bool {
        if case .failure = self { true } else { false }
    }
}
