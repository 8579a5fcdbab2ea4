// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Publishing. Works before the registry runs and until its providers are closed.
extension BrokerRegistry {
    /// Stores a message and answers its id.
    ///
    /// Throws ``BrokerError/Code/undeclaredStream``, ``BrokerError/Code/payloadTooLarge`` or
    /// ``BrokerError/Code/invalidMessage`` before anything is sent, else what the provider says. When the task is
    /// cancelled before a write has begun with the message, throws ``BrokerError/Code/cancelled`` at once, and the message
    /// is not stored. Once a write has begun with it the call runs to its end, and tells what became of the message.
    @discardableResult
    public func publish(_ message: Message, to stream: StreamName) async throws(BrokerError) -> MessageID {
        try await store(message, in: stream, try checkedListing(of: stream, for: message))
    }

    /// What holds for a stream, for a message that keeps its rules.
    func checkedListing(
        of stream: StreamName, for message: Message
    ) throws(BrokerError) -> (broker: Broker, stream: StreamConfiguration) {
        let listing = try listing(of: stream)
        try MessageRules.check(message, for: stream, maximumPayload: listing.stream.maximumPayload)
        return listing
    }

    /// Stores a message that has been checked, and broadcasts it where that is declared.
    @discardableResult
    func store(
        _ message: Message, in stream: StreamName, _ listing: (broker: Broker, stream: StreamConfiguration)
    ) async throws(BrokerError) -> MessageID {
        let entry = PublishBatch.Entry(stream: stream, message: message)
        guard let result = await listing.broker.store([entry], isCancellable: true).first else {
            throw BrokerError(.malformedReply, "the provider answered nothing", outcome: .unknown)
        }
        let id = try result.get()
        if let also = listing.stream.also { await broadcast([entry], on: also) }
        return id
    }

    /// Encodes a value, stores it and answers its id.
    @discardableResult
    public func publish<Value: Encodable>(
        _ value: Value, to stream: StreamName, key: String? = nil, headers: Headers = [:]
    ) async throws(BrokerError) -> MessageID {
        try await publish(Message(encode(value), key: key, headers: headers), to: stream)
    }

    /// Bytes are published as a ``Message``, so that nobody stores them as a list of numbers by accident.
    @available(*, unavailable, message: "wrap the bytes: publish(Message(bytes), to: …)")
    @discardableResult
    public func publish(
        _ bytes: [UInt8], to stream: StreamName, key: String? = nil, headers: Headers = [:]
    ) async throws(BrokerError) -> MessageID {
        try await publish(Message(bytes, key: key, headers: headers), to: stream)
    }

    /// Stores many messages in as few writes as possible; answers one result for each, in order.
    ///
    /// A message that breaks a rule fails alone, and its neighbours are stored. In a cancelled task each fails as a single
    /// one would.
    public func publish(
        batch messages: [Message], to stream: StreamName
    ) async -> [Result<MessageID, BrokerError>] {
        let listing: (broker: Broker, stream: StreamConfiguration)
        do { listing = try self.listing(of: stream) } catch { return messages.map { _ in .failure(error) } }
        var results: [Result<MessageID, BrokerError>?] = []
        var entries: [PublishBatch.Entry] = []
        entries.reserveCapacity(messages.count)
        for message in messages {
            let problem = violation(of: message, listing.stream, stream)
            results.append(problem.map { .failure($0) })
            if problem == nil { entries.append(PublishBatch.Entry(stream: stream, message: message)) }
        }
        let stored = await listing.broker.store(entries, isCancellable: true)
        if let also = listing.stream.also { await broadcast(entries, on: also, where: stored) }
        var next = stored.makeIterator()
        return results.map { $0 ?? next.next() ?? .failure(.lostResult) }
    }

    /// Encodes a value as a message's body.
    public func encode<Value: Encodable>(_ value: Value) throws(BrokerError) -> Payload {
        try codec.body(of: value)
    }

    private func violation(
        of message: Message, _ listing: StreamConfiguration, _ stream: StreamName
    ) -> BrokerError? {
        do {
            try MessageRules.check(message, for: stream, maximumPayload: listing.maximumPayload)
            return nil
        } catch {
            return error
        }
    }

    /// Broadcasts what was stored; a failure changes nothing about the result of the store.
    private func broadcast(
        _ entries: [PublishBatch.Entry], on name: BrokerName, where stored: [Result<MessageID, BrokerError>]? = nil
    ) async {
        let accepted = stored.map { results in
            zip(entries, results).compactMap { entry, result in (try? result.get()) == nil ? nil : entry }
        }
        await outlet.broadcast(accepted ?? entries, on: name)
    }
}

extension BrokerError {
    static let lostResult = BrokerError(
        .malformedReply, "the provider answered fewer results than it was given messages", outcome: .unknown)
}
