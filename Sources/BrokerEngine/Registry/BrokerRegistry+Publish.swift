// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Publishing. Works before the registry runs and until its providers are closed.
extension BrokerRegistry {
    /// Stores a message.
    ///
    /// When the task is cancelled before a write has begun with the message, it is not stored. Once a write has begun
    /// with it the call runs to its end, and tells what became of the message.
    ///
    /// - Returns: What the backend says of it, first of all its id.
    /// - Throws: ``BrokerError/Code/undeclaredStream``, ``BrokerError/Code/payloadTooLarge``,
    ///   ``BrokerError/Code/invalidMessage`` or what middleware throws, before anything is sent;
    ///   ``BrokerError/Code/cancelled`` at once in a task that was cancelled; else what the provider says.
    @discardableResult
    public func publish(_ message: Message, to stream: StreamName) async throws(BrokerError) -> PublishReceipt {
        let route = try router.route(to: stream)
        return try await route.store(try await router.prepare(message, for: route, .publish))
    }

    /// Encodes a value and stores it.
    ///
    /// - Returns: What the backend says of it, first of all its id.
    /// - Throws: ``BrokerError/Code/encoding``, and what ``publish(_:to:)`` throws.
    @discardableResult
    public func publish<Value: Encodable>(
        _ value: Value, to stream: StreamName, key: String? = nil, headers: Headers = [:]
    ) async throws(BrokerError) -> PublishReceipt {
        try await publish(Message(encode(value), key: key, headers: headers), to: stream)
    }

    /// Bytes are published as a ``Message``, so that nobody stores them as a list of numbers by accident.
    @available(*, unavailable, message: "wrap the bytes: publish(Message(bytes), to: …)")
    @discardableResult
    public func publish(
        _ bytes: [UInt8], to stream: StreamName, key: String? = nil, headers: Headers = [:]
    ) async throws(BrokerError) -> PublishReceipt {
        try await publish(Message(bytes, key: key, headers: headers), to: stream)
    }

    /// Stores many messages in as few writes as possible.
    ///
    /// A message that breaks a rule, or that middleware refuses, fails alone, and its neighbours are stored. In a
    /// cancelled task each fails as a single one would.
    ///
    /// - Returns: One result for each message, in order.
    public func publish(
        batch messages: [Message], to stream: StreamName
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let route: StreamRoute
        do { route = try router.route(to: stream) } catch { return messages.map { _ in .failure(error) } }
        var results: [Result<PublishReceipt, BrokerError>?] = []
        var entries: [PublishBatch.Entry] = []
        entries.reserveCapacity(messages.count)
        for message in messages {
            do throws(BrokerError) {
                var message = message
                // A batch without middleware costs no call for each message.
                if !middleware.list.isEmpty { message = try await middleware.prepare(message, for: stream, .publish) }
                try route.check(message)
                entries.append(PublishBatch.Entry(stream: stream, message: message))
                results.append(nil)
            } catch {
                results.append(.failure(error))
            }
        }
        var next = await route.store(entries).makeIterator()
        return results.map { $0 ?? next.next() ?? .failure(.lostResult) }
    }

    /// Encodes a value as a message's body.
    public func encode<Value: Encodable>(_ value: Value) throws(BrokerError) -> Payload {
        try codec.body(of: value)
    }
}

extension BrokerError {
    static let lostResult = BrokerError(
        .malformedReply, "the provider answered fewer results than it was given messages", effect: .unknown)
}
