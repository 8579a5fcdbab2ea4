// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisWire
import RedisTestSupport
import Logging
import Synchronization
import Testing

/// A push connection against a server that says what a test wants.
@Suite(.inRealTime) struct PushLinkTests {
    static func with(
        room: Int = .max, checkTime: Duration = .seconds(60),
        answer: @escaping @Sendable ([String]) -> ScriptedServer.Answer?,
        _ body: (PushLink, PushNotes, ScriptedServer) async throws -> Void
    ) async throws {
        try await ScriptedServer.with(answer: answer) { server in
            let notes = PushNotes(room: room)
            var options = RedisOptions(url: try RedisURL("redis://127.0.0.1:\(server.port)"))
            options.connectTimeout = .seconds(10)
            let link = try PushLink(
                options, checkTime: checkTime, logger: Logger(label: "push"), receiver: notes)
            try await body(link, notes, server)
            await link.close()
        }
    }

    private static func confirmation(_ topic: String) -> String {
        "*3\r\n$9\r\nsubscribe\r\n$\(topic.utf8.count)\r\n\(topic)\r\n:1\r\n"
    }

    private static func message(_ channel: String, _ payload: String) -> String {
        "*3\r\n$7\r\nmessage\r\n$\(channel.utf8.count)\r\n\(channel)\r\n$\(payload.utf8.count)\r\n\(payload)\r\n"
    }

    @Test func messagesStandBetweenConfirmations() async throws {
        try await Self.with { command in
            guard command[0] == "SUBSCRIBE" else { return nil }
            return .dribble(Self.message("early", "0") + Self.confirmation(command[1]) + Self.message(command[1], "1"))
        } _: { link, notes, _ in
            try await link.subscribe(.channel("a"))
            try await eventually("the message") { notes.lines.count == 3 }
            #expect(notes.lines == ["early=0", "+a", "a=1"])
        }
    }

    @Test func whatCannotBeReadIsNoEnd() async throws {
        let odd =
            "*3\r\n$7\r\nmessage\r\n$-1\r\n$1\r\nx\r\n*2\r\n$7\r\nmessage\r\n$1\r\nx\r\n*1\r\n$5\r\nstuff\r\n*0\r\n"
        try await Self.with { command in
            command[0] == "SUBSCRIBE" ? .bytes(Self.confirmation(command[1]) + odd + Self.message("a", "1")) : nil
        } _: { link, notes, _ in
            try await link.subscribe(.channel("a"))
            try await eventually("everything") { notes.lines.count == 6 }
            #expect(notes.lines == ["+a", "?", "?", "?", "?", "a=1"])
            #expect(link.report.gaps == 0)
        }
    }

    /// Every second connection breaks in the middle of a frame.
    @Test func everythingIsAskedForAgain() async throws {
        let connections = Mutex(0)
        try await Self.with { command in
            if command[0] == "PING" { connections.withLock { $0 += 1 } }
            guard command[0] == "SUBSCRIBE" else { return nil }
            let isFirst = connections.withLock { $0 == 1 }
            return isFirst && command[1] == "b"
                ? .cut(Self.confirmation("b") + "*3\r\n$7\r\nmess") : .bytes(Self.confirmation(command[1]))
        } _: { link, notes, server in
            try await link.subscribe(.channel("a"))
            try await link.subscribe(.channel("b"))
            try await eventually("both again") { notes.lines.count { $0.hasPrefix("+") } == 4 }
            #expect(link.report.confirmed == 2 && link.report.gaps == 1)
            #expect(notes.lines.filter { $0 == "lost" }.count == 1)
            #expect(Set(notes.lines.suffix(2)) == ["+a", "+b"])
            #expect(server.received.filter { $0[0] == "SUBSCRIBE" }.count == 4)
        }
    }

    @Test func aRefusalIsOfOneTopic() async throws {
        try await Self.with { command in
            guard command[0] == "SUBSCRIBE" else { return nil }
            return .bytes(command[1] == "no" ? "-NOPERM not you\r\n" : Self.confirmation(command[1]))
        } _: { link, _, _ in
            async let fine: Void = link.subscribe(.channel("yes"))
            let error = await #expect(throws: RedisError.self) { try await link.subscribe(.channel("no")) }
            try await fine
            #expect(error?.serverError?.reaction == .alarm)
            #expect(link.report.topics == 1)
            #expect(link.report.confirmed == 1)
        }
    }

    @Test(arguments: [
        "+OK\r\n", ":1\r\n", "$-1\r\n", "*3\r\n$9\r\nsubscribe\r\n$5\r\nother\r\n:1\r\n", "%1\r\n", "\u{0}\u{1}\r\n",
    ])
    func anAnswerToSomethingElseEndsTheConnection(answer: String) async throws {
        try await Self.with { command in
            command[0] == "SUBSCRIBE" ? .bytes(answer) : nil
        } _: { link, _, _ in
            let error = await #expect(throws: RedisError.self) { try await link.subscribe(.channel("a")) }
            #expect(error?.code == .malformedReply)
            #expect(link.report.topics == 0)
        }
    }

    @Test func aReceiverWithoutRoomIsLeftAloneUntilItSays() async throws {
        try await Self.with(room: 2) { command in
            guard command[0] == "SUBSCRIBE" else { return nil }
            return .bytes(Self.confirmation("a") + Self.message("a", "1") + Self.message("a", "2"))
        } _: { link, notes, server in
            try? await link.subscribe(.channel("a"))
            try await eventually("it is paused") { link.report.isPaused }
            #expect(notes.lines.prefix(3) == ["+a", "a=1", "a=2"])
            #expect(server.received.filter { $0[0] == "SUBSCRIBE" }.count == 1)
            link.resume()
            try await eventually("asked again") { server.received.filter { $0[0] == "SUBSCRIBE" }.count == 2 }
        }
    }

    @Test func aCancelledCallerGivesItsTopicBack() async throws {
        try await Self.with { command in
            command[0] == "SUBSCRIBE" ? .silence : nil
        } _: { link, _, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await link.subscribe(.channel("a")) }
                try await eventually("it asks") { server.received.contains { $0[0] == "SUBSCRIBE" } }
                group.cancelAll()
                let error = await #expect(throws: RedisError.self) { try await group.next() }
                #expect(error?.code == .cancelled)
            }
            #expect(link.report.topics == 0)
        }
    }

    /// The first connection breaks; why is no news once there is another one.
    @Test func anErrorOfBeforeIsNotTheReasonOfToday() async throws {
        let pings = Mutex(0)
        try await ScriptedServer.with { command in
            guard command[0] == "PING" else { return nil }
            return pings.withLock { pings in
                pings += 1
                return pings == 1 ? .cut("") : nil
            }
        } _: { server in
            var options = RedisOptions(url: try RedisURL("redis://127.0.0.1:\(server.port)"))
            options.connectTimeout = .seconds(1)
            let link = try PushLink(options, logger: Logger(label: "push"), receiver: PushNotes(room: .max))
            let error = await #expect(throws: RedisError.self) { try await link.subscribe(.channel("a")) }
            #expect(error?.code == .timeout && error?.message.hasPrefix("no confirmation within") == true)
            #expect(pings.withLock { $0 } > 1)
            await link.close()
        }
    }

    @Test func aClosedLinkRefuses() async throws {
        try await Self.with { command in
            command[0] == "SUBSCRIBE" ? .bytes(Self.confirmation(command[1])) : nil
        } _: { link, _, _ in
            try await link.subscribe(.channel("a"))
            await link.close()
            let error = await #expect(throws: RedisError.self) { try await link.subscribe(.channel("a")) }
            #expect(error?.code == .closed)
        }
    }
}
