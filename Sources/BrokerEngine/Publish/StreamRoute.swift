// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Where the messages of one stream go: the broker that stores them, the one that broadcasts them as well, and the
/// bound of their bodies.
///
/// Found once for each stream and then shared by all of its messages, however they are published.
final class StreamRoute: Sendable {
    let stream: StreamName
    let broker: Broker
    /// Broadcasts what has been stored; `nil` for most streams.
    let also: Broker?
    private let maximumPayload: Int
    /// How long the ids of its messages are remembered, and how many.
    private let deduplication: DeduplicationPolicy
    private let hasStandardLayout: Bool
    /// Where the body is in the stream's entries.
    let layout: BodyLayout

    init(
        to stream: StreamName, on broker: Broker, also: Broker? = nil, maximumPayload: Int,
        deduplication: DeduplicationPolicy? = nil, layout: BodyLayout = .standard
    ) {
        self.stream = stream
        self.broker = broker
        self.also = also
        self.maximumPayload = maximumPayload
        self.deduplication = deduplication ?? DeduplicationPolicy()
        self.layout = layout
        hasStandardLayout = layout == .standard
    }

    /// Throws when a message breaks a rule of the stream.
    func check(_ message: Message) throws(BrokerError) {
        // Most messages: all that can be wrong with them is their size.
        if hasStandardLayout, message.headers.isEmpty, message.payload.count <= maximumPayload { return }
        try MessageRules.check(message, for: stream, maximumPayload: maximumPayload, layout: layout)
    }

    /// Returns the entry of a message that has been checked.
    ///
    /// - Throws: ``BrokerError/Code/unsupported`` or ``BrokerError/Code/invalidMessage`` for an id that the provider
    ///   does not take.
    func entry(of message: Message, id: DeduplicationID?) throws(BrokerError) -> PublishBatch.Entry {
        guard let id else { return PublishBatch.Entry(stream: stream, message: message) }
        guard broker.capabilities.contains(.deduplication) else {
            throw broker.unsupported("store a message once by its id; publish to '\(stream)' without one")
        }
        let size = id.text.utf8.count
        guard (1...DeduplicationID.maximumBytes).contains(size) else {
            throw BrokerError(
                .invalidMessage,
                "the id of a message has 1 to \(DeduplicationID.maximumBytes) bytes, this one has \(size)")
        }
        return PublishBatch.Entry(
            stream: stream, message: message, deduplication: PublishBatch.Deduplication(id, deduplication))
    }

    /// Stores a message that has been checked, as ``store(_:until:)-([PublishBatch.Entry],_)`` does.
    @discardableResult
    func store(
        _ message: Message, id: DeduplicationID? = nil, until deadline: Instant = .distantFuture
    ) async throws(BrokerError) -> PublishReceipt {
        let entries = [try entry(of: message, id: id)]
        guard let result = await store(entries, until: deadline).first else {
            throw BrokerError(.malformedReply, "the provider returned nothing", effect: .unknown)
        }
        return try result.get()
    }

    /// Stores messages that have been checked, and broadcasts what was stored; returns one result for each, in order.
    ///
    /// A caller that is cancelled, or whose time is over, takes its messages back, as long as no write contains them.
    func store(
        _ entries: [PublishBatch.Entry], until deadline: Instant = .distantFuture
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let results = await broker.store(entries, isCancellable: true, until: deadline)
        if let also {
            let stored = zip(entries, results).compactMap { entry, result -> PublishBatch.Entry? in
                guard let receipt = result.receipt, !receipt.isDuplicate else { return nil }
                return PublishBatch.Entry(stream: entry.stream, message: entry.message)
            }
            await also.broadcast(stored, until: deadline)
        }
        return results
    }
}

extension Result<PublishReceipt, BrokerError> {
    /// The receipt of a message that is stored, as certain as it should be or not.
    var receipt: PublishReceipt? {
        switch self {
        case .success(let receipt): receipt
        case .failure(let error): error.receipt
        }
    }
}
