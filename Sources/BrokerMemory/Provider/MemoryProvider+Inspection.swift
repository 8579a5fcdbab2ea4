// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

extension MemoryProvider: HealthReporting, StatisticsReporting {
    /// Ready until it is closed.
    public func health() async -> ProviderHealth {
        isClosed ? ProviderHealth(isReady: false, reason: "closed") : ProviderHealth(isReady: true)
    }

    /// Returns the counts of the streams that exist and match. All counts are known.
    public func statistics(of selection: StreamSelection) async throws(BrokerError) -> [StreamStatistics] {
        let time = MemoryTime(of: clock)
        return try access { $0.log.statistics(of: selection, at: time.timestamp) }
    }
}

extension MemoryProvider: ConsumerReporting {
    /// Returns the consumers that have a subscription, however long they have been idle.
    public func consumers(
        of group: GroupName, on selection: StreamSelection, activeWithin period: Duration
    ) async throws(BrokerError) -> Set<ConsumerName> {
        try access { $0.log.consumers(of: group, on: selection) }
    }
}

extension MemoryProvider: NewGroupReporting {
    /// Returns whether none of these groups has been confirmed.
    public func isNew(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) -> Bool {
        try access { $0.log.isNew(group, of: selection) }
    }

    /// Records that a group has handled a message.
    public func confirm(_ group: GroupName, of selection: StreamSelection) async throws(BrokerError) {
        try access { $0.log.confirm(group, of: selection) }
    }
}

extension MemoryProvider: HistoryReading {
    /// Returns the newest entries, newest first; none if the stream does not exist.
    public func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage] {
        try access { $0.log.latest(count, of: stream) }
    }

    /// Returns the entries from one id to another, both included, oldest first, at most `limit`.
    public func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int
    ) async throws(BrokerError) -> [StoredMessage] {
        try access { $0.log.range(ids, of: stream, limit: limit) }
    }

    /// Returns the entries after an id, oldest first. If there are none, it waits for the first one.
    public func tail(
        _ stream: StreamName, after id: MessageID, limit: Int, wait: Duration
    ) async throws(BrokerError) -> [StoredMessage] {
        let deadline = clock.now + wait
        let signal = WakeSignal()
        var (entries, reader) = try look(stream, after: id, limit, signal)
        while let number = reader {
            let isLast = clock.now >= deadline || Task.isCancelled
            if !isLast { await signal.waitUnlessCancelled(until: deadline, on: clock) }
            forget(number, of: stream)
            guard !isLast, !isClosed else { return [] }
            (entries, reader) = try look(stream, after: id, limit, signal)
        }
        return entries
    }

    private func look(
        _ stream: StreamName, after id: MessageID, _ limit: Int, _ signal: WakeSignal
    ) throws(BrokerError) -> (entries: [StoredMessage], reader: Int?) {
        try access { state in
            let found = state.log.tail(stream, after: id, limit: limit)
            if let reader = found.reader { state.signals[reader] = signal }
            return found
        }
    }

    private func forget(_ reader: Int, of stream: StreamName) {
        // A closed provider has no readers.
        try? access { state in
            state.log.leave(reader: reader, of: stream)
            state.signals[reader] = nil
        }
    }
}

extension MemoryProvider: Purging {
    /// Removes every entry of a stream and keeps its groups. Returns how many entries there were.
    public func purge(_ stream: StreamName) async throws(BrokerError) -> Int {
        try access { $0.log.purge(stream) }
    }
}

extension MemoryProvider: Replaying {
    /// Moves a group back, so that everything from a position on is delivered to it again.
    public func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID {
        guard let id = try access({ $0.log.rewind(group, of: stream, to: start) }) else {
            throw BrokerError(.undeclaredGroup, "stream '\(stream)' has no group '\(group)' yet")
        }
        return id
    }
}

extension MemoryProvider: EntryMoving {
    /// Stores messages at the end of a stream, each in place of an entry of another one.
    public func move(
        _ entries: [StoredMessage], from source: StreamName, to destination: StreamName
    ) async -> [Result<MessageID?, BrokerError>] {
        let time = MemoryTime(of: clock)
        do {
            return try access { $0.log.move(entries, from: source, to: destination, at: time) }
        } catch {
            return entries.map { _ in .failure(error) }
        }
    }
}

extension MemoryProvider: StreamDeleting {
    /// Deletes the streams that match and have no subscription, if nothing was stored in them for `idle`. With `.zero`
    /// it deletes all that match.
    public func delete(_ selection: StreamSelection, idleFor idle: Duration) async throws(BrokerError) -> Int {
        let time = MemoryTime(of: clock)
        return try access { $0.log.delete(selection, idleFor: idle, at: time.timestamp) }
    }
}

/// What tests do to a backend without the engine.
extension MemoryProvider {
    /// Destroys a group. Its consumers create it again at its floor, in a new epoch.
    package func destroyGroup(_ group: GroupName, of stream: StreamName) throws(BrokerError) {
        try access { $0.log.destroyGroup(group, of: stream) }
    }

    /// Removes the leases of a consumer, as a server does when an operator deletes the consumer.
    package func deleteConsumer(
        _ consumer: ConsumerName, of group: GroupName, in stream: StreamName
    ) throws(BrokerError) {
        try access { $0.log.deleteConsumer(consumer, of: group, in: stream) }
    }

    /// Removes one entry, pending or not. Returns whether it existed.
    package func deleteEntry(_ id: MessageID, of stream: StreamName) throws(BrokerError) -> Bool {
        try access { $0.log.deleteEntry(id, of: stream) }
    }

    /// Creates a stream and its groups again in one step, with messages under given ids in rising order.
    package func remake(_ stream: StreamName, with stored: [StoredMessage]) throws(BrokerError) {
        try access { $0.log.remake(stream, with: stored) }
    }

    /// Loses all streams and groups.
    package func flush() throws(BrokerError) {
        try access { $0.log.flush() }
    }

    /// Everything that is stored, for ``restart(from:)``.
    package func backup() throws(BrokerError) -> MemoryLog {
        try access { $0.log }
    }

    /// Loses what has happened since a backup of this provider, like a server whose last writes were not on disk yet.
    package func restart(from backup: MemoryLog) throws(BrokerError) {
        try access { $0.log.restart(from: backup) }
    }

    /// Makes the next id of a stream greater than `id`.
    package func advanceIDs(of stream: StreamName, to id: MessageID) throws(BrokerError) {
        try access { $0.log.advanceIDs(of: stream, to: id) }
    }
}
