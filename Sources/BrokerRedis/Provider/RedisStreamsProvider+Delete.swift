// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire

extension RedisStreamsProvider: StreamDeleting {
    /// Deletes streams with what belongs to their groups, each by one DEL, and takes them out of the set of streams.
    ///
    /// How long a stream has been idle the server tells (`OBJECT IDLETIME`, Redis 6.2); one that evicts by frequency
    /// does not, and there nothing is idle.
    public func delete(_ selection: StreamSelection, idleFor idle: Duration) async throws(BrokerError) -> Int {
        let action = "delete '\(selection)'"
        let found = try await candidates(selection, to: action)
        let streams = idle > .zero ? try await idlers(found, since: idle, to: action) : found
        var count = 0
        for stream in streams where try await delete(stream, to: action) { count += 1 }
        return count
    }

    /// Streams of the framework's own are always in the set; others may have been made by anybody.
    private func candidates(_ selection: StreamSelection, to action: String) async throws(BrokerError) -> [StreamName] {
        switch selection {
        case .stream(let name): return [name]
        case .pattern(let pattern) where StreamName(pattern.text).isReserved:
            let reply = try await streamSet(to: action)
            if let error = reply?.error { throw BrokerError(error, action) }
            return reply?.elements.compactMap { $0.string.flatMap(keys.stream(at:)) }.filter(pattern.matches) ?? []
        case .pattern(let pattern): return try await streams(matching: pattern)
        }
    }

    /// Those that nobody has used for so long. Reading a stream, also in vain, is using it; asking this is not.
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
            // One that is gone leaves the set, as if it were deleted now.
            reply.kind == .null || reply.integer.map { .seconds($0) >= idle } ?? false
        }.map(\.0)
    }

    private func delete(_ stream: StreamName, to action: String) async throws(BrokerError) -> Bool {
        let key = keys.key(of: stream)
        let groups = try await ask(RedisCommands("XINFO", "GROUPS", key, for: .key(key)), to: action)[0]
        if let error = groups?.error, groups?.isAbsence != true { throw BrokerError(error, action) }
        let names = groups?.elements.compactMap { $0.facts["name"]?.string.map { GroupName($0) } } ?? []
        let beside = names.flatMap {
            [keys.due($0, of: stream), keys.floor($0, of: stream), keys.sweep($0, of: stream)]
        }
        let all = [key] + beside + [keys.upkeep(of: .stream(stream))]
        var commands = RedisCommands()
        commands.begin(1 + all.count, "DEL", for: .key(key))
        for key in all { commands.add(key) }
        if let error = try await ask(commands, to: action)[0]?.error { throw BrokerError(error, action) }
        try await removeFromSet([stream], to: action)
        return groups?.isAbsence != true
    }
}
