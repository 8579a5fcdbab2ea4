// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire

extension RedisStreamsProvider: Purging {
    /// Removes every entry of a stream, in steps that do not block the server for long; keeps its groups.
    ///
    /// - Returns: how many entries were removed.
    public func purge(_ stream: StreamName) async throws(BrokerError) -> Int {
        let key = keys.key(of: stream)
        var removed = 0
        while true {
            let step = try await trim(
                stream, RedisCommands("XTRIM", key, "MAXLEN", "~", "0", "LIMIT", "10000", for: .key(key)))
            removed += step
            // A step removes whole blocks of entries; the last command removes the rest.
            if step < 5_000 { break }
        }
        return removed + (try await trim(stream, RedisCommands("XTRIM", key, "MAXLEN", "0", for: .key(key))))
    }

    private func trim(_ stream: StreamName, _ commands: RedisCommands) async throws(BrokerError) -> Int {
        let action = "purge '\(stream)'"
        let reply = try await ask(commands, to: action)[0]
        if let error = reply?.error { throw BrokerError(error, action) }
        return min(max(0, reply?.integer ?? 0), Int(Int32.max))
    }
}

extension RedisStreamsProvider: StreamDeleting {
    /// Deletes streams, each with what its groups kept beside it by one DEL, and removes them from the set of streams.
    ///
    /// The idle time is that of the server (`OBJECT IDLETIME`, Redis 6.2). A server that evicts by frequency has none;
    /// there no stream counts as idle.
    ///
    /// - Parameters:
    ///   - selection: The stream, or the pattern of the streams.
    ///   - idle: Only streams that were idle for this time are deleted; zero for all.
    /// - Returns: how many streams were deleted.
    public func delete(_ selection: StreamSelection, idleFor idle: Duration) async throws(BrokerError) -> Int {
        let action = "delete '\(selection)'"
        let found = try await candidates(selection, to: action)
        let streams = idle > .zero ? try await idlers(found, since: idle, to: action) : found
        var count = 0
        for stream in streams where try await delete(stream, to: action) { count += 1 }
        return count
    }

    /// Reserved streams are always in the set; others may have been made by any program.
    private func candidates(_ selection: StreamSelection, to action: String) async throws(BrokerError) -> [StreamName] {
        switch selection {
        case .stream(let name): return [name]
        case .pattern(let pattern) where StreamName(pattern.text).isReserved:
            try await takeOverFormerSet(to: action)
            let reply = try await streamSet(to: action)
            if let error = reply.error { throw BrokerError(error, action) }
            return reply.keys.compactMap { $0.string.flatMap(keys.stream(at:)) }.filter(pattern.matches)
        case .pattern(let pattern): return try await streams(matching: pattern)
        }
    }

    /// Returns the streams that were not used for this time. Every read of a stream uses it; this query does not.
    private func idlers(
        _ streams: [StreamName], since idle: Duration, to action: String
    ) async throws(BrokerError) -> [StreamName] {
        if streams.isEmpty { return [] }
        var commands = RedisCommands()
        for stream in streams {
            let key = keys.key(of: stream)
            commands.begin(3, "OBJECT", for: .key(key))
            commands.add("IDLETIME")
            commands.add(key)
        }
        let replies = try await ask(commands, to: action)
        return zip(streams, replies).filter { _, reply in
            // A stream that is gone leaves the set, as if it were deleted now.
            reply.kind == .null || reply.integer.map { .seconds($0) >= idle } ?? false
        }.map(\.0)
    }

    private func delete(_ stream: StreamName, to action: String) async throws(BrokerError) -> Bool {
        let key = keys.key(of: stream)
        let groups = try await ask(RedisCommands("XINFO", "GROUPS", key, for: .key(key)), to: action)[0]
        if let error = groups?.error, groups?.isAbsence != true { throw BrokerError(error, action) }
        let names = groups?.elements.compactMap { $0.facts["name"]?.string.map { GroupName($0) } } ?? []
        let kept = names.flatMap { [keys.due($0, of: stream), keys.floor($0, of: stream)] }
        // A cluster refuses a command with a key that does not exist while the slot moves. So these go one by one.
        var others = names.map { keys.formerGuard($0, of: stream) }
        others += [keys.upkeep(of: .stream(stream)), keys.publishedIDs(of: stream)]
        var commands = RedisCommands()
        for part in [[key] + kept] + others.map({ [$0] }) {
            commands.begin(1 + part.count, "DEL", for: .key(key))
            for key in part { commands.add(key) }
        }
        if let error = try await ask(commands, to: action)[0]?.error { throw BrokerError(error, action) }
        try await removeFromSet([stream], to: action)
        return groups?.isAbsence != true
    }
}

extension RedisStreamsProvider: EntryMoving {
    /// Stores messages at the end of a stream, each in place of an entry of another one, by one call of a script each.
    ///
    /// On a cluster both streams have to lie in one slot, as a stream and its default dead letters do.
    public func move(
        _ entries: [StoredMessage], from source: StreamName, to destination: StreamName
    ) async -> [Result<MessageID?, BrokerError>] {
        guard !entries.isEmpty else { return [] }
        let action = "move entries of '\(source)' to '\(destination)'"
        let (key, target) = (keys.key(of: source), makeTarget(for: destination))
        var calls = ScriptCalls()
        for entry in entries {
            let values = EntryEncoder.valueCount(of: entry.message)
            calls.begin(RedisScripts.move, for: .key(key), keys: 2, arguments: 3 + values)
            for key in [key, target.key] { calls.add(key) }
            calls.add("\(entry.id)")
            calls.add(target.bound.map { "\($0)" } ?? "")
            EntryEncoder.addArguments(entry.message, to: &calls)
        }
        do throws(BrokerError) {
            let replies = try await ask(calls, to: action)
            announce([destination])
            return replies.map { reply in
                if let error = reply.error { return .failure(BrokerError(error, action)) }
                return .success(EntryDecoder.id(reply))
            }
        } catch {
            return entries.map { _ in .failure(error) }
        }
    }
}

extension RedisStreamsProvider: Replaying {
    /// Sets a group back, so that it gets everything from a position on again, by one script.
    ///
    /// Consumers that wait for new messages look again after five seconds at the latest.
    ///
    /// - Parameters:
    ///   - group: The group.
    ///   - stream: The stream.
    ///   - start: The position from which the group gets everything again.
    /// - Returns: the id behind which the group reads now.
    /// - Throws: `undeclaredGroup` if the stream has no such group.
    public func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID {
        let action = "rewind '\(group)' of '\(stream)'"
        var calls = ScriptCalls()
        let key = keys.key(of: stream)
        calls.begin(RedisScripts.rewind, for: .key(key), keys: 3, arguments: 2)
        for key in [key, keys.floor(group, of: stream), keys.due(group, of: stream)] { calls.add(key) }
        calls.add(group.text)
        calls.add(start.onServer)
        let reply = try await ask(calls, to: action).first
        if reply?.isAbsence == true {
            throw BrokerError(.undeclaredGroup, "stream '\(stream)' has no group '\(group)' yet")
        }
        if let error = reply?.error { throw BrokerError(error, action) }
        guard let id = reply.flatMap(EntryDecoder.id) else {
            throw BrokerError(
                .malformedReply, "could not \(action): the script returned something else", effect: .unknown)
        }
        return id
    }
}
