// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Which streams there are: a set of those that were published to, and all keys for those that others made.
extension RedisStreamsProvider {
    private static let pageSize = 1000

    /// What the server answers when it is asked for the set; its members are keys.
    func streamSet(to action: String) async throws(BrokerError) -> RedisReply? {
        try await ask(RedisCommands("SMEMBERS", keys.streams, for: .key(keys.streams)), to: action)[0]
    }

    /// What the server answers when it is asked for the next part of all keys: the next cursor, and the keys of
    /// streams that match.
    func streamScan(
        _ pattern: StreamPattern, from cursor: String, to action: String
    ) async throws(BrokerError) -> RedisReply? {
        let scan = RedisCommands(
            "SCAN", cursor, "MATCH", keys.pattern(of: pattern), "COUNT", "\(Self.pageSize)", "TYPE", "stream",
            for: .everyPrimary)
        return try await ask(scan, to: action)[0]
    }

    /// The streams that match a pattern, by name: those of the set, and those that others have made.
    ///
    /// What the user may not read is left out, unless that is everything. Some may be gone meanwhile.
    func streams(matching pattern: StreamPattern) async throws(BrokerError) -> [StreamName] {
        let action = "list the streams of '\(pattern.text)'"
        let members = try await streamSet(to: action)
        var found = Set(members?.elements.compactMap(\.string) ?? [])
        var cursor = "0"
        repeat {
            let page = try await streamScan(pattern, from: cursor, to: action)
            if let error = page?.error {
                if members?.error != nil { throw BrokerError(error, action) }
                break
            }
            found.formUnion(page?.elements[1]?.elements.compactMap(\.string) ?? [])
            cursor = page?.elements[0]?.string ?? "0"
        } while cursor != "0"
        return found.compactMap(keys.stream(at:)).filter(pattern.matches).sorted()
    }

    /// Adds the command that puts streams into the set, if there are any.
    func addToSet(_ streams: [StreamName], in commands: inout RedisCommands) {
        if streams.isEmpty { return }
        let set = keys.streams
        commands.begin(2 + streams.count, "SADD", for: .key(set))
        commands.add(set)
        for stream in streams { commands.add(keys.key(of: stream)) }
    }

    /// Takes streams that are gone out of the set. One that was made again meanwhile is put back: whoever made it may
    /// have put it there before it was taken out.
    func removeFromSet(_ streams: Set<StreamName>, to action: String) async throws(BrokerError) {
        var removal = RedisCommands()
        let set = keys.streams
        removal.begin(2 + streams.count, "SREM", for: .key(set))
        removal.add(set)
        for stream in streams { removal.add(keys.key(of: stream)) }
        _ = try await ask(removal, to: action)
        _ = try await putBack(streams, to: action)
    }

    /// Puts those of the streams into the set that exist, and answers them.
    func putBack(_ streams: Set<StreamName>, to action: String) async throws(BrokerError) -> [StreamName] {
        var questions = RedisCommands()
        for stream in streams {
            let key = keys.key(of: stream)
            questions.begin(2, "EXISTS", for: .key(key))
            questions.add(key)
        }
        let answers = try await ask(questions, to: action)
        let existing = zip(streams, answers).filter { $1.integer == 1 }.map(\.0)
        var commands = RedisCommands()
        addToSet(existing, in: &commands)
        if commands.count > 0 { _ = try await ask(commands, to: action) }
        return existing
    }

    /// Puts streams into the set that were stored to by a script, unless that was done lately. Should it fail, whoever
    /// looks through all keys finds them.
    func announce(_ streams: Set<StreamName>) {
        let now = clock.now
        let due = state.withLock { state in
            streams.filter { state.routes.route(to: $0, at: now, make(of:)).isDue }
        }
        var commands = RedisCommands()
        addToSet(due.sorted(), in: &commands)
        guard commands.count > 0 else { return }
        _ = try? self.commands.openConnection(for: commands.routes)?.submit(commands)
    }

    /// Makes the route to a stream.
    func make(of stream: StreamName) -> PublishRoute {
        PublishRoute(to: stream, declared: streams, keys: keys)
    }
}
