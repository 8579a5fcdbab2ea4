// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import RedisTestSupport
import RedisWire
import Synchronization
import Testing

/// Sharded channels on one push connection: a server may end them by itself, and says so late or never.
///
/// The slot of `bar` is 5061, that of `foo` is 12182.
@Suite(.inRealTime) struct ShardedChannelTests {
    static func frame(_ kind: String, _ channel: String) -> String {
        "*3\r\n$\(kind.utf8.count)\r\n\(kind)\r\n$\(channel.utf8.count)\r\n\(channel)\r\n:1\r\n"
    }

    private static func message(_ channel: String, _ payload: String) -> String {
        "*3\r\n$8\r\nsmessage\r\n$\(channel.utf8.count)\r\n\(channel)\r\n$\(payload.utf8.count)\r\n\(payload)\r\n"
    }

    private static let moved = "-MOVED 5061 127.0.0.1:1\r\n"

    @Test func messagesStandBetweenConfirmations() async throws {
        try await PushLinkTests.with { command in
            guard command[0] == "SSUBSCRIBE" else { return nil }
            return .dribble(Self.message("early", "0") + Self.frame("ssubscribe", "bar") + Self.message("bar", "1"))
        } _: { link, notes, _ in
            try await link.subscribe(.shard("bar"))
            try await eventually("the message") { notes.lines.count == 3 }
            #expect(notes.lines == ["early=0", "+bar", "bar=1"])
        }
    }

    /// The server that has lost the slot is asked again, since it knows who has it now.
    @Test func aSlotThatLeavesIsAGapAndTheServerIsAskedForIt() async throws {
        let asked = Mutex(0)
        try await PushLinkTests.with { command in
            guard command[0] == "SSUBSCRIBE" else { return nil }
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            return .bytes(
                count == 1 ? Self.frame("ssubscribe", "bar") + Self.frame("sunsubscribe", "bar") : Self.moved)
        } _: { link, notes, _ in
            try await link.subscribe(.shard("bar"))
            try await eventually("the refusal") { notes.lines.count == 3 }
            #expect(notes.lines == ["+bar", "-bar", "!bar"])
            #expect(link.report.gaps == 1)
            #expect(link.report.confirmed == 0 && link.report.topics == 1)
            #expect(link.report.refusal?.message == "MOVED 5061 127.0.0.1:1")
        }
    }

    /// SUNSUBSCRIBE and the slot cross on their way: the server ends the channel first, then refuses to end it.
    @Test func anEndThatTheServerHasSaidAlreadyBelongsToNoOtherRequest() async throws {
        try await PushLinkTests.with { command in
            switch command[0] {
            case "SSUBSCRIBE": .bytes(Self.frame("ssubscribe", command[1]))
            case "SUNSUBSCRIBE": .bytes(Self.frame("sunsubscribe", "bar") + Self.moved)
            default: nil
            }
        } _: { link, notes, _ in
            try await link.subscribe(.shard("bar"))
            try await link.subscribe(.shard("foo"))
            link.unsubscribe(.shard("bar"))
            try await link.subscribe(.shard("foo"))
            try await link.subscribe(.shard("{foo}2"))
            #expect(notes.lines == ["+bar", "+foo", "-bar", "+{foo}2"])
            #expect(link.report.gaps == 0)
        }
    }

    /// A replica that got another primary says nothing (redis #12558).
    @Test func aSlotThatLeftSilentlyIsFoundByTheCheck() async throws {
        let asked = Mutex(0)
        try await PushLinkTests.with(checkTime: .milliseconds(50)) { command in
            guard command[0] == "SSUBSCRIBE" else { return nil }
            let count = asked.withLock { asked in
                asked += 1
                return asked
            }
            return .bytes(count < 4 ? Self.frame("ssubscribe", "bar") : Self.moved)
        } _: { link, notes, _ in
            try await link.subscribe(.shard("bar"))
            try await eventually("the refusal") { notes.lines.contains("!bar") }
            #expect(notes.lines.prefix(4) == ["+bar", "+bar", "+bar", "!bar"])
            #expect(link.report.confirmed == 0)
        }
    }

    @Test func classicChannelsAreNotAskedForAgain() async throws {
        try await PushLinkTests.with(checkTime: .milliseconds(20)) { command in
            let kind = ["SSUBSCRIBE": "ssubscribe", "SUBSCRIBE": "subscribe"][command[0]]
            return kind.map { .bytes(Self.frame($0, command[1])) }
        } _: { link, _, server in
            try await link.subscribe(.channel("a"))
            try await link.subscribe(.shard("b"))
            try await server.waitForCommands { $0.count { $0[0] == "SSUBSCRIBE" } == 4 }
            #expect(server.received.count { $0[0] == "SUBSCRIBE" } == 1)
        }
    }
}
