// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// A named broker's publishing side, and what its provider can tell of the past.
public struct Broker: Sendable {
    /// The name in the configuration.
    public let name: BrokerName
    /// The name of the provider that serves it.
    public let provider: String
    /// What that provider promises.
    public var capabilities: BrokerCapabilities { service.capabilities }

    let service: any BrokerProvider
    let station: PublishStation
    let directory: StreamDirectory

    /// Stores messages in their streams; returns one result for each, in order. Bodies and headers have been checked.
    ///
    /// - Parameter isCancellable: Whether a cancelled caller takes back what no write has begun with. What belongs to a
    ///   message that was handled, or to one that was stored, is stored all the same.
    func store(
        _ entries: [PublishBatch.Entry], isCancellable: Bool = false
    ) async -> [Result<PublishReceipt, BrokerError>] {
        await station.publish(entries, isCancellable: isCancellable)
    }

    /// Stores messages that another broker has stored; observers are told of a failure, which changes nothing else.
    func broadcast(_ entries: [PublishBatch.Entry]) async {
        await station.broadcast(entries)
    }
}

/// The past of a stream, on providers that can read it; others throw ``BrokerError/Code/unsupported``.
extension Broker {
    /// At most `count` of the newest entries of a stream, newest first; none of a stream that does not exist.
    public func latest(_ count: Int, of stream: StreamName) async throws(BrokerError) -> [StoredMessage] {
        try await history().latest(count, of: stream)
    }

    /// The entries of a stream from one id to another, both included, oldest first, at most `limit`.
    public func range(
        _ ids: ClosedRange<MessageID>, of stream: StreamName, limit: Int = 1000
    ) async throws(BrokerError) -> [StoredMessage] {
        try await history().range(ids, of: stream, limit: limit)
    }

    /// The entries of a stream behind an id, oldest first, at most `limit`; waits for the first one as long as asked.
    ///
    /// Called again with the last id it follows the stream. A cancelled task gets nothing at once.
    public func tail(
        _ stream: StreamName, after id: MessageID, limit: Int = 1000, wait: Duration = .seconds(5)
    ) async throws(BrokerError) -> [StoredMessage] {
        try await history().tail(stream, after: id, limit: limit, wait: wait)
    }

    /// Removes every entry of a stream, pending ones too; returns how many there were.
    public func purge(_ stream: StreamName) async throws(BrokerError) -> Int {
        guard let purging = service as? any Purging else { throw unsupported("empty a stream") }
        return try await purging.purge(stream)
    }

    private func history() throws(BrokerError) -> any HistoryReading {
        guard let reading = service as? any HistoryReading else { throw unsupported("read the past of a stream") }
        return reading
    }

    func unsupported(_ ability: String) -> BrokerError {
        BrokerError(.unsupported, "the provider '\(provider)' of broker '\(name)' cannot \(ability)")
    }
}
