// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Logging
import RedisWire
import Synchronization

/// The set `streams`, in which an earlier version kept the streams that were published to.
///
/// Its processes may still run and publish. So the set is read as long as it exists, as often as the keys of other
/// programs, and it is never written. The key may belong to somebody else, so only members that are streams count.
extension RedisStreamsProvider {
    /// Adds the streams of the former set to the set of streams, each once. Returns those that are new.
    @discardableResult
    func takeOverFormerSet(to action: String) async throws(BrokerError) -> [StreamName] {
        guard state.withLock({ $0.formerSet.isRead }) else { return [] }
        let key = keys.formerStreams
        let reply = try await ask(RedisCommands("SMEMBERS", key, for: .key(key)), to: action)[0]
        let members = reply?.error == nil ? reply?.elements.compactMap(\.string) ?? [] : []
        let unknown = state.withLock { $0.formerSet.newcomers(Set(members.compactMap(keys.stream(at:)))) }
        if unknown.isEmpty { return [] }
        let streams = try await thatAreStreams(unknown, to: action)
        var commands = RedisCommands()
        addToSet(streams, in: &commands)
        if commands.count > 0 { _ = try await ask(commands, to: action) }
        let isFirst = state.withLock { $0.formerSet.takeOver(streams) }
        if isFirst {
            logger.info(
                """
                Streams were taken over from the set '\(key)' of an earlier version; delete it (DEL \(key)) when no \
                process of that version runs any more
                """,
                metadata: [LoggingKeys.key: "\(key)", "broker.streams": "\(streams.count)"])
        }
        return streams
    }

    private func thatAreStreams(
        _ streams: [StreamName], to action: String
    ) async throws(BrokerError) -> [StreamName] {
        var queries = RedisCommands()
        for stream in streams {
            let key = keys.key(of: stream)
            queries.begin(2, "TYPE", for: .key(key))
            queries.add(key)
        }
        return zip(streams, try await ask(queries, to: action)).filter { $1.string == "stream" }.map(\.0)
    }
}

/// What is known about the former set. A pure value.
package struct FormerSet: Sendable {
    /// Whether it is read: until it is found empty, or is no set that this user may read.
    package private(set) var isRead = true
    private var takenOver: Set<StreamName> = []

    package init() {}

    /// Returns the members that were not taken over yet, sorted. Without members the set is not read again.
    package mutating func newcomers(_ members: Set<StreamName>) -> [StreamName] {
        isRead = !members.isEmpty
        return members.subtracting(takenOver).sorted()
    }

    /// Notes streams that were taken over. Returns whether they are the first.
    package mutating func takeOver(_ streams: [StreamName]) -> Bool {
        defer { takenOver.formUnion(streams) }
        return takenOver.isEmpty && !streams.isEmpty
    }
}
