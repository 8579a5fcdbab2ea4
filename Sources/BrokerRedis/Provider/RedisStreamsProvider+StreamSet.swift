// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Which streams exist: the set of streams that were published to, and all keys for streams of other programs.
extension RedisStreamsProvider {
    /// Returns what all parts of the set hold.
    func streamSet(to action: String) async throws(BrokerError) -> StreamSetReply {
        var commands = RedisCommands()
        for set in keys.streamSets {
            commands.begin(2, "SMEMBERS", for: .key(set))
            commands.add(set)
        }
        return StreamSetReply(parts: try await ask(commands, to: action))
    }

    /// Returns the streams that match a pattern, sorted by name: those of the set, and those of other programs.
    ///
    /// One of the two sources may be forbidden; if both are, this throws. Some streams may be gone meanwhile.
    func streams(matching pattern: StreamPattern) async throws(BrokerError) -> [StreamName] {
        let action = "list the streams of '\(pattern.text)'"
        try await takeOverFormerSet(to: action)
        let members = try await streamSet(to: action)
        var found = Set(members.keys.compactMap(\.string))
        var position = ScanPosition.start
        repeat {
            let (page, next) = try await streamScan(pattern, from: position, to: action)
            if let error = page?.error {
                if members.error != nil { throw BrokerError(error, action) }
                break
            }
            found.formUnion(page?.elements[1]?.elements.compactMap(\.string) ?? [])
            position = next
        } while position != .start
        return found.compactMap(keys.stream(at:)).filter(pattern.matches).sorted()
    }

    /// Adds the commands that add streams to the set, if there are any.
    func addToSet(_ streams: [StreamName], in commands: inout RedisCommands) {
        for (set, keys) in keys.bySet(streams) { commands.addMembers("SADD", keys, of: set) }
    }

    /// Removes streams that are gone from the set. A stream that was made again meanwhile is added again, since its
    /// publisher may have added it before it was removed.
    func removeFromSet(_ streams: Set<StreamName>, to action: String) async throws(BrokerError) {
        var removal = RedisCommands()
        let all = streams.map(keys.key(of:))
        for set in keys.streamSets {
            let members = keys.streamSetParts.contains(set) ? all.filter { keys.streamSet(of: $0) == set } : all
            if !members.isEmpty { removal.addMembers("SREM", members, of: set) }
        }
        _ = try await ask(removal, to: action)
        _ = try await putBack(streams, to: action)
    }

    /// Adds the streams that exist to the set, and returns them.
    func putBack(_ streams: Set<StreamName>, to action: String) async throws(BrokerError) -> [StreamName] {
        let streams = streams.sorted()
        let replies = try await ask(existenceQueries(streams), to: action)
        let existing = zip(streams, replies).filter { $1.integer == 1 }.map(\.0)
        var commands = RedisCommands()
        addToSet(existing, in: &commands)
        if commands.count > 0 { _ = try await ask(commands, to: action) }
        return existing
    }

    /// Returns the commands that ask whether each of the streams exists.
    func existenceQueries(_ streams: [StreamName]) -> RedisCommands {
        var queries = RedisCommands()
        for stream in streams {
            let key = keys.key(of: stream)
            queries.begin(2, "EXISTS", for: .key(key))
            queries.add(key)
        }
        return queries
    }

    /// Adds streams to which a script has stored to the set, unless that was done lately. If it fails, the scan of all
    /// keys finds them.
    func announce(_ streams: Set<StreamName>) {
        let now = clock.now
        let due = state.withLock { state in
            streams.filter { state.targets.target(for: $0, at: now, makeTarget(for:)).isDue }
        }
        var commands = RedisCommands()
        addToSet(due.sorted(), in: &commands)
        guard commands.count > 0 else { return }
        _ = try? self.commands.openConnection(for: commands.routes)?.submit(commands)
    }

    /// Returns the target for a stream.
    func makeTarget(for stream: StreamName) -> PublishTarget {
        PublishTarget(to: stream, declared: streams, keys: keys)
    }
}

/// What the parts of the set of streams hold.
struct StreamSetReply {
    /// The replies to SMEMBERS of each part.
    let parts: RedisReplies

    /// The members, which are keys.
    var keys: [RedisReply] { parts.flatMap { $0.error == nil ? Array($0.elements) : [] } }

    /// Why nothing is known; `nil` if the members of a part are, since a node that is down keeps those of others from
    /// nobody.
    var error: ServerError? {
        parts.allSatisfy { $0.error != nil } ? parts.lazy.compactMap(\.error).first : nil
    }
}

extension RedisCommands {
    /// Adds a command that adds members to a set or removes them.
    fileprivate mutating func addMembers(_ name: StaticString, _ members: [String], of set: String) {
        begin(2 + members.count, name, for: .key(set))
        add(set)
        for member in members { add(member) }
    }
}
