// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerRedis
import BrokerTestKit
import Logging
import RedisTestSupport
import RedisWire

/// The server: a provider on it, and a connection to look and to do things behind its back.
struct ServerSide {
    let provider: RedisStreamsProvider
    let redis: RedisConnection
    private let keys = RedisKeys()

    /// A provider on a server that is emptied.
    init(_ server: RedisServer, _ redis: RedisConnection, clock: ManualClock) async throws {
        self.redis = redis
        var log = Logger(label: "differential")
        log.logLevel = .error
        let options = RedisStreamsOptions(connection: RedisOptions(url: try RedisURL(server.socketURL)))
        provider = try RedisStreamsProvider(options, clock: clock, logger: log)
        try await command("FLUSHALL")
    }

    @discardableResult
    func command(_ name: StaticString, _ arguments: String...) async throws -> RedisReply {
        var commands = RedisCommands()
        commands.begin(arguments.count + 1, name)
        for argument in arguments { commands.add(argument) }
        return try await redis.submit(commands).reply()
    }

    /// A command that is nobody's concern when the server refuses it, as on a key of another type.
    func meddle(_ name: StaticString, _ arguments: String...) async throws {
        var commands = RedisCommands()
        commands.begin(arguments.count + 1, name)
        for argument in arguments { commands.add(argument) }
        _ = try await redis.send(commands)
    }

    func dueKey(_ group: GroupName, _ stream: StreamName) -> String { keys.due(group, of: stream) }
}

/// What can be seen.
extension ServerSide {
    /// What can be seen of all streams, the others than the first ones without groups, in one write.
    func states(
        of streams: [StreamName], groups: [GroupName], grouped: Int, at now: Int64
    ) async throws -> [StreamState] {
        var commands = RedisCommands(capacity: 4096)
        for (place, stream) in streams.enumerated() {
            add(&commands, "XRANGE", stream.text, "-", "+")
            if place >= grouped { continue }
            add(&commands, "XINFO", "GROUPS", stream.text)
            for group in groups {
                add(&commands, "XPENDING", stream.text, group.text, "-", "+", "10000")
                add(&commands, "ZRANGE", dueKey(group, stream), "0", "-1", "WITHSCORES")
            }
        }
        var replies = try await redis.send(commands).makeIterator()
        var states: [StreamState] = []
        for place in streams.indices {
            var state = StreamState()
            state.entries = replies.next()?.elements.compactMap { EntryDecoder.entry($0) } ?? []
            if place < grouped {
                let given = replies.next().map(Self.given) ?? [:]
                for (place, group) in groups.enumerated() {
                    guard let pending = replies.next(), let due = replies.next() else { break }
                    guard let last = given[group.text] else { continue }
                    state.groups[place] = GroupState(
                        pending: pending.elements.compactMap { Self.pending($0, at: now) },
                        unread: state.entries.map(\.id).filter { $0 > last }, due: Self.due(due))
                }
            }
            states.append(state)
        }
        return states
    }

    private func add(_ commands: inout RedisCommands, _ name: StaticString, _ arguments: String...) {
        commands.begin(arguments.count + 1, name)
        for argument in arguments { commands.add(argument) }
    }

    /// The last id that each group was given.
    private static func given(_ reply: RedisReply) -> [String: MessageID] {
        var given: [String: MessageID] = [:]
        for group in reply.elements {
            let texts = group.elements.map { $0.string ?? "" }
            guard let name = texts.firstIndex(of: "name"), let last = texts.firstIndex(of: "last-delivered-id")
            else { continue }
            given[texts[name + 1]] = MessageID(texts[last + 1])
        }
        return given
    }

    private static func pending(_ line: RedisReply, at now: Int64) -> PendingState? {
        let parts = Array(line.elements)
        guard parts.count == 4, let id = parts[0].string.flatMap({ MessageID($0) }), let owner = parts[1].string,
            let idle = parts[2].integer, let count = parts[3].integer
        else { return nil }
        let holder = Member.consumer(ofNameOnServer: owner)
        return PendingState(
            id: id, holder: holder?.text, token: UInt64(count), since: holder == nil ? 0 : now - Int64(idle))
    }

    private static func due(_ reply: RedisReply) -> [DueLine] {
        var texts = reply.elements.map { $0.string ?? "" }
        if texts.suffix(2) == ["~placeholder", "inf"] { texts.removeLast(2) }
        return stride(from: 0, to: texts.count - texts.count % 2, by: 2).map { place in
            DueLine(member: texts[place], time: Double(texts[place + 1]).map { Int64($0) } ?? 0)
        }
    }
}
