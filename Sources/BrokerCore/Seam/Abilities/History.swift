// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// An entry read from the past of a stream, without a lease.
public struct StoredMessage: Sendable, Hashable {
    /// Its id.
    public var id: MessageID
    /// What was published.
    public var message: Message

    /// Makes an entry.
    public init(id: MessageID, message: Message) {
        self.id = id
        self.message = message
    }
}

/// The optional ability to read the past of a stream, without joining a group.
public protocol HistoryReading: BrokerProvider {
    /// The newest entries, newest first; none for a stream that does not exist.
    func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage]

    /// The entries from one id to another, both included, oldest first, at most `limit`.
    func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int
    ) async throws(BrokerError) -> [StoredMessage]

    /// The entries behind an id, oldest first; waits for the first one as long as asked, then returns what is there.
    ///
    /// Called again with the last id it follows the stream. A cancelled task gets nothing at once.
    func tail(
        _ stream: StreamName, after id: MessageID, limit: Int, wait: Duration
    ) async throws(BrokerError) -> [StoredMessage]
}

/// The optional ability to empty a stream.
public protocol Purging: BrokerProvider {
    /// Removes every entry of a stream, pending ones too, and keeps its groups; returns how many entries there were.
    func purge(_ stream: StreamName) async throws(BrokerError) -> Int
}

/// The optional ability to give a group again what it has had.
public protocol Replaying: BrokerProvider {
    /// Lets a group be given again everything from a position on, and returns the id behind which it reads now.
    ///
    /// One step, and nothing that another group sees. A position ahead of what the group has been given changes
    /// nothing: nothing is ever skipped. What is pending behind the position leaves the pending list, retries that wait
    /// included, and comes as new with the rest; what is pending before it stays as it is. Receipts of before keep
    /// their epoch: they settle what they still hold, and an ack of what has been given again meanwhile settles that,
    /// since success is success. Consumers of the group go on. Throws ``BrokerError/Code/undeclaredGroup`` when there
    /// is no such group.
    func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID
}

/// The optional ability to delete streams.
public protocol StreamDeleting: BrokerProvider {
    /// Deletes the streams that exist and match, each with its groups and all that belongs to them; returns how many.
    ///
    /// Only those go that nobody has used for `idle`, with `.zero` all. A stream that is used while it is looked at may
    /// go too; its consumers then make it again, without its entries.
    func delete(_ selection: StreamSelection, idleFor idle: Duration) async throws(BrokerError) -> Int
}

/// How many entries of a stream's past are read at a time, as a pure value: few at first, then twice as many each time,
/// as long as their bodies stay within a bound as far as those before tell.
package struct PageSize: Sendable {
    /// With how many it begins.
    package static let first = 16
    /// Never more than these.
    package static let largest = 256
    /// How many bytes of bodies one page may have.
    package static let bytes = 8 << 20

    /// How many entries the next page may have.
    package private(set) var count = Self.first
    private let bound: Int

    /// - Parameter bound: How many bytes of bodies one page may have.
    package init(bound: Int = Self.bytes) {
        self.bound = max(1, min(bound, Self.bytes))
    }

    /// So many entries have come, with bodies of so many bytes.
    package mutating func took(_ entries: Int, bytes: Int) {
        guard entries > 0 else { return }
        if entries > count / 2 { count = min(count * 2, Self.largest) }
        count = min(count, max(1, bound / max(1, bytes / entries)))
    }

    /// A page of so many entries could not be taken; a smaller one may.
    package mutating func shrink(_ entries: Int) {
        count = max(1, entries / 2)
    }
}

extension [StoredMessage] {
    /// How many bytes the bodies have.
    package var byteCount: Int { reduce(0) { $0 + $1.message.payload.count } }
}
