// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// An entry that was read from a stream without a lease.
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

/// The optional ability to read the entries of a stream without joining a group.
public protocol HistoryReading: BrokerProvider {
    /// Returns the newest entries, newest first; none if the stream does not exist.
    func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage]

    /// Returns the entries from one id to another, both included, oldest first, at most `limit`.
    func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int
    ) async throws(BrokerError) -> [StoredMessage]

    /// Returns the entries after an id, oldest first. If there are none, it waits up to `wait` for the first one.
    ///
    /// To follow the stream, call it again with the id of the last entry. In a cancelled task it returns nothing, at
    /// once.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - id: The id after which entries are read; it need not exist.
    ///   - limit: The most entries to return.
    ///   - wait: How long to wait for the first entry.
    func tail(
        _ stream: StreamName, after id: MessageID, limit: Int, wait: Duration
    ) async throws(BrokerError) -> [StoredMessage]
}

/// The optional ability to empty a stream.
public protocol Purging: BrokerProvider {
    /// Removes every entry of a stream, including pending ones, and keeps its groups. Returns how many entries there
    /// were.
    func purge(_ stream: StreamName) async throws(BrokerError) -> Int
}

/// The optional ability to deliver entries of the past to a group again.
public protocol Replaying: BrokerProvider {
    /// Moves a group back, so that everything from a position on is delivered to it again.
    ///
    /// This is one step, and other groups do not notice it. A position ahead of what the group has received changes
    /// nothing: no entry is ever skipped. Pending entries after the position, including those that wait for a retry,
    /// leave the pending list and are delivered as new ones. Pending entries before it stay as they are. Earlier
    /// receipts keep their epoch: they settle the leases that still exist, and an ack of an entry that was delivered
    /// again meanwhile settles the entry. Consumers of the group go on.
    ///
    /// - Returns: The id after which the group reads now.
    /// - Throws: ``BrokerError/Code/undeclaredGroup`` if there is no such group.
    func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID
}

/// The optional ability to move entries from one stream to the end of another, such as dead letters that are put back.
public protocol EntryMoving: BrokerProvider {
    /// Stores messages at the end of a stream, each in place of an entry of another one.
    ///
    /// For each entry it is one step that happens as a whole or not at all: the message is stored, and the entry is
    /// removed, also from the groups that have it pending. An entry that is gone is not stored again, so the call may be
    /// repeated, and several callers may move the same entries.
    ///
    /// - Parameters:
    ///   - entries: The ids of the entries to remove, and the messages to store in their place.
    ///   - source: The stream that loses the entries.
    ///   - destination: The stream that gets the messages. It is created if it does not exist.
    /// - Returns: One result for each entry, in order: the id of the stored message; `nil` if the entry was gone.
    func move(
        _ entries: [StoredMessage], from source: StreamName, to destination: StreamName
    ) async -> [Result<MessageID?, BrokerError>]
}

/// The optional ability to delete streams.
public protocol StreamDeleting: BrokerProvider {
    /// Deletes the streams that exist and match, with their groups and everything that belongs to them.
    ///
    /// A stream that is used during the call may be deleted, too. Its consumers then create it again, without its
    /// entries.
    ///
    /// - Parameters:
    ///   - selection: The streams.
    ///   - idle: Only streams that were not used for this long are deleted; with `.zero` all.
    /// - Returns: How many streams were deleted.
    func delete(_ selection: StreamSelection, idleFor idle: Duration) async throws(BrokerError) -> Int
}

/// How many past entries of a stream are read at a time. It begins small and doubles, as long as the size of earlier
/// bodies predicts that a page stays within its bound.
package struct PageSize: Sendable {
    /// The size of the first page.
    package static let first = 16
    /// The size of the largest page.
    package static let largest = 256
    /// The most bytes of bodies in a page.
    package static let bytes = 8 << 20

    /// The most entries of the next page.
    package private(set) var count = Self.first
    private let bound: Int
    private var isRepeated = false

    /// - Parameter bound: The most bytes of bodies in a page.
    package init(bound: Int = Self.bytes) {
        self.bound = max(1, min(bound, Self.bytes))
    }

    /// Records the size of a page that was read.
    package mutating func took(_ entries: Int, bytes: Int) {
        isRepeated = false
        guard entries > 0 else { return }
        if entries > count / 2 { count = min(count * 2, Self.largest) }
        count = min(count, max(1, bound / max(1, bytes / entries)))
    }

    /// Records that a page with this number of entries did not come: it was too large, or the connection was lost.
    ///
    /// - Returns: Whether to read it again. One entry is read once more, since the connection may have been lost before.
    package mutating func lost(_ entries: Int) -> Bool {
        defer { isRepeated = entries <= 1 }
        count = max(1, entries / 2)
        return entries > 1 || !isRepeated
    }
}

extension [StoredMessage] {
    /// The bytes of all messages, nearly.
    package var byteCount: Int { reduce(0) { $0 + $1.message.size } }
}
