// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// What an attempt to connect says that fails: what was found at the address, and what to check.
@Suite(.inRealTime, .serialized) struct ConnectErrorTests {
    /// Keeps what a link tells.
    private final class Notes: LinkWatch {
        private let state = Mutex<[String]>([])

        var all: [String] { state.withLock { $0 } }

        func connected(_ connection: RedisConnection?) { state.withLock { $0.append("connected") } }
        func failed(_ error: RedisError) { state.withLock { $0.append(error.message) } }
    }

    private func expect(_ url: String, is message: String) async throws {
        let link = try testLink(url)
        let error = await #expect(throws: RedisError.self) { try await link.connection() }
        #expect(error?.effect == .notApplied)
        #expect(error?.message == message)
    }

    @Test func nobodyListens() async throws {
        try await RedisServer.with { server in
            await server.kill()
            try await expect(
                "redis://127.0.0.1:\(server.port)",
                is: "no server at 127.0.0.1:\(server.port) (connection refused); is it running, is the address right?")
            try await expect(
                "unix:///nowhere/redis.sock",
                is: "no server at /nowhere/redis.sock (no such file or directory); is it running, is the address right?"
            )
            try await expect(
                "redis://nowhere.invalid:6379", is: "the host 'nowhere.invalid' has no address; is its name right?")
        }
    }

    @Test func theServerRefusesTheLogin() async throws {
        for (reply, sentence) in [
            (
                "-WRONGPASS invalid username-password pair or user is disabled.",
                "refuses the password (WRONGPASS invalid username-password pair or user is disabled); "
                    + "check 'username' and 'password'"
            ),
            (
                "-ERR AUTH <password> called without any password configured for the default user. Are you sure?",
                "knows no password (ERR AUTH <password> called without any password configured for the default user. "
                    + "Are you sure?); leave 'password' out"
            ),
        ] {
            try await ScriptedServer.with {
                $0[0] == "AUTH" ? .bytes(reply + "\r\n") : nil
            } _: { server in
                let place = "127.0.0.1:\(server.port)"
                try await expect("redis://:hunter2@\(place)", is: "the server at \(place) \(sentence)")
            }
        }
    }

    @Test func theServerAsksForALoginOrTakesNobody() async throws {
        for (reply, sentence) in [
            (
                "-NOAUTH Authentication required.",
                "asks for a password (NOAUTH Authentication required); set 'password'"
            ),
            (
                "-LOADING Redis is loading the dataset in memory",
                "still loads its data (LOADING Redis is loading the dataset in memory); it answers when it has done so"
            ),
            (
                "-ERR max number of clients reached",
                "takes no more clients (ERR max number of clients reached); raise its maxclients, "
                    + "or use fewer connections"
            ),
        ] {
            try await ScriptedServer.with { _ in
                .bytes(reply + "\r\n")
            } _: { server in
                let place = "127.0.0.1:\(server.port)"
                try await expect("redis://\(place)", is: "the server at \(place) \(sentence)")
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"), ("<!DOCTYPE HTML>", "HTTP"), ("SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        ("220 mail.example.com ESMTP\r\n", "SMTP or FTP"),
    ])
    func whatSpeaksSomethingElseIsNamed(_ greeting: String, _ name: String) async throws {
        try await ScriptedServer.with(greeting: greeting) { server in
            try await expect(
                "redis://127.0.0.1:\(server.port)",
                is: "127.0.0.1:\(server.port) is no Redis server, it speaks \(name); is the port right?")
        }
    }

    @Test func bytesThatNobodyKnowsAreNoRedisServer() async throws {
        try await ScriptedServer.with(greeting: "?!") { server in
            try await expect(
                "redis://127.0.0.1:\(server.port)",
                is: "127.0.0.1:\(server.port) is no Redis server: the server sent bytes that are no RESP2")
        }
    }

    @Test func anAlertOfTLSIsKnown() async throws {
        try await ScriptedServer.with(greeting: "\u{15}\u{3}\u{3}\0\u{2}\u{2}F") { server in
            try await expect(
                "redis://127.0.0.1:\(server.port)", is: "127.0.0.1:\(server.port) speaks TLS: write rediss:// in 'url'")
        }
    }

    @Test func aServerWithoutTLSThatAnswersIsKnown() async throws {
        try await ScriptedServer.with(greeting: "-ERR unknown command\r\n") { server in
            try await expect(
                "rediss://127.0.0.1:\(server.port)",
                is: "127.0.0.1:\(server.port) speaks no TLS: write redis:// in 'url', or name the port that speaks TLS")
        }
    }

    /// The attempt goes on for as long as the connect timeout; a person is told long before.
    @Test(arguments: [
        ("redis", "takes the connection and does not answer; is it a Redis server, and is it well?"),
        ("rediss", "no answer in TLS from PLACE; if it speaks no TLS, write redis:// in 'url'"),
    ])
    func silenceIsToldWithinASecond(_ scheme: String, _ sentence: String) async throws {
        try await ScriptedServer.with { _ in
            .silence
        } _: { server in
            let notes = Notes()
            let link = try testLink("\(scheme)://127.0.0.1:\(server.port)") {
                $0.connectTimeout = .seconds(60)
                $0.watch = notes
            }
            let began = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await link.connection() }
                try await eventually("silence is told") { !notes.all.isEmpty }
                let place = "127.0.0.1:\(server.port)"
                let text = sentence.replacing("PLACE", with: place)
                #expect(notes.all == [scheme == "redis" ? "\(place) \(text)" : text])
                #expect(ContinuousClock.now - began < .seconds(5))
                await link.close()
                group.cancelAll()
            }
            #expect(notes.all.count == 1, "closing is no failure")
        }
    }

    @Test func aConnectionIsToldBeforeItsCallersHaveIt() async throws {
        try await ScriptedServer.with { server in
            let notes = Notes()
            let link = try testLink("redis://127.0.0.1:\(server.port)") { $0.watch = notes }
            _ = try await link.connection()
            #expect(notes.all == ["connected"])
        }
    }
}
