// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Reading without leases.
extension MemoryLog {
    /// Returns the counts of the streams that exist and match, by name.
    package func statistics(of selection: StreamSelection, at timestamp: Timestamp) -> [StreamStatistics] {
        streams.lazy.filter { $0.exists && selection.matches($0.name) }
            .map { $0.statistics(at: timestamp) }
            .sorted { $0.stream < $1.stream }
    }

    /// Returns the consumers that have a subscription in a group of a selected stream.
    package func consumers(of group: GroupName, on selection: StreamSelection) -> Set<ConsumerName> {
        let matching = subscriptions.values.filter { subscription in
            subscription.request.group == group
                && subscription.paths.contains { selection.matches(streams[$0.stream].name) }
        }
        return Set(matching.map(\.request.consumer))
    }

    /// Returns whether none of the groups of this name in the selected streams has been confirmed.
    package func isNew(_ group: GroupName, of selection: StreamSelection) -> Bool {
        streams.lazy.filter { $0.exists && selection.matches($0.name) }
            .flatMap { $0.groups.filter { $0.exists && $0.name == group } }
            .allSatisfy(\.isNew)
    }

    /// Confirms the groups of this name in the selected streams.
    package mutating func confirm(_ group: GroupName, of selection: StreamSelection) {
        for stream in streams.indices where streams[stream].exists && selection.matches(streams[stream].name) {
            guard let member = streams[stream].place(of: group) else { continue }
            streams[stream].groups[member].isNew = false
        }
    }

    /// Returns the newest entries, newest first.
    package func latest(_ count: Int, of stream: StreamName) -> [StoredMessage] {
        guard let place = place(of: stream) else { return [] }
        let entries = streams[place].entries
        return Array(entries.ordinals.reversed().lazy.compactMap(entries.stored(at:)).prefix(max(0, count)))
    }

    /// Returns the entries from one id to another, both included, oldest first.
    package func range(_ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int) -> [StoredMessage] {
        guard let place = place(of: stream) else { return [] }
        let entries = streams[place].entries
        let ordinals = entries.ordinal(from: ids.lowerBound)..<entries.end
        let stored = ordinals.lazy.compactMap(entries.stored(at:)).prefix { $0.id <= ids.upperBound }
        return Array(stored.prefix(max(0, limit)))
    }

    /// Returns the entries after an id, oldest first. If there are none, it returns the number under which the caller
    /// is woken for the next one.
    package mutating func tail(
        _ stream: StreamName, after id: MessageID, limit: Int
    ) -> (entries: [StoredMessage], reader: Int?) {
        guard let first = id.next, limit > 0 else { return ([], nil) }
        let found = range(first...MessageID.maximum, of: stream, limit: limit)
        guard found.isEmpty else { return (found, nil) }
        let number = makeNumber()
        streams[reserve(stream)].readers.append(number)
        return ([], number)
    }

    /// Ends the wait of a reader.
    package mutating func leave(reader: Int, of stream: StreamName) {
        streams[reserve(stream)].readers.removeAll { $0 == reader }
    }
}

extension EntryList {
    fileprivate func stored(at ordinal: Int) -> StoredMessage? {
        guard let entry = entry(from: ordinal), entry.ordinal == ordinal else { return nil }
        return StoredMessage(id: entry.id, message: entry.message)
    }
}

extension MemoryStream {
    fileprivate func statistics(at timestamp: Timestamp) -> StreamStatistics {
        let groups = groups.filter(\.exists).map { group in
            StreamStatistics.Group(
                name: group.name, pending: group.pending.count,
                parked: group.pending.entries.count { $0.state == .parked },
                lag: entries.count(in: group.unread(in: entries)),
                oldestPendingAge: group.pending.oldest.map { oldest in
                    max(.zero, timestamp - Timestamp(milliseconds: Int64(clamping: oldest.id.milliseconds)))
                },
                consumers: group.consumers)
        }
        return StreamStatistics(stream: name, length: entries.count, groups: groups.sorted { $0.name < $1.name })
    }
}
