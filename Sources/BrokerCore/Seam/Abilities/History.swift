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
