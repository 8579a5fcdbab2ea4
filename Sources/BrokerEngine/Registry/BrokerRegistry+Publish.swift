// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Publishing. It works before the registry runs, and until its providers are closed.
extension BrokerRegistry {
    /// Stores a message.
    ///
    /// A message is not stored when its task is cancelled before a write contains it. Once a write contains it, the
    /// call runs to its end and returns the result.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - stream: The stream that stores it, declared by its name or by a pattern.
    ///   - id: The publisher's own id of the message. Within the stream's window (`deduplication`, by default one hour)
    ///     the message is stored once, whoever publishes it with this id, and however often. A publish whose outcome is
    ///     unknown is then sent again by itself, within its timeout or for 30 s. Without an id (the default) a message
    ///     is stored in any case.
    ///   - timeout: How long storing may take; by default as long as the provider waits. When the time is over, the call
    ///     throws ``BrokerError/Code/timeout``: with the effect `notApplied` when no write had begun, else with `unknown`.
    /// - Returns: The receipt of the backend, with the id of the entry; for an id that the stream knows already, a
    ///   receipt that is a duplicate, with the id of the entry that was stored then.
    /// - Throws: ``BrokerError/Code/undeclaredStream``, ``BrokerError/Code/payloadTooLarge``,
    ///   ``BrokerError/Code/invalidMessage`` or what middleware throws, before anything is sent;
    ///   ``BrokerError/Code/unsupported`` for an id on a provider that does not promise deduplication;
    ///   ``BrokerError/Code/underReplicated`` for a message that is stored, and that too few replicas confirmed in time
    ///   for its stream (`durability`), with its ``BrokerError/receipt``; ``BrokerError/Code/cancelled`` at once in a task
    ///   that was cancelled; otherwise what the provider throws.
    @discardableResult
    public func publish(
        _ message: Message, to stream: StreamName, id: DeduplicationID? = nil, timeout: Duration? = nil
    ) async throws(BrokerError) -> PublishReceipt {
        let route = try router.route(to: stream)
        let message = try await router.prepare(message, for: route, .publish)
        return try await route.store(message, id: id, until: deadline(after: timeout))
    }

    private func deadline(after timeout: Duration?) -> Instant {
        timeout.map { runtime.clock.now + $0 } ?? .distantFuture
    }

    /// Encodes a value and stores it.
    ///
    /// - Parameters:
    ///   - value: The value, encoded by the registry's ``codec``.
    ///   - stream: The stream that stores it.
    ///   - id: The publisher's own id of the message, as in ``publish(_:to:id:timeout:)``; none by default.
    ///   - key: The ordering key; none by default.
    ///   - headers: The headers; none by default.
    ///   - timeout: How long storing may take, as in ``publish(_:to:id:timeout:)``.
    /// - Returns: The receipt of the backend, with the id of the entry.
    /// - Throws: ``BrokerError/Code/encoding``, and what ``publish(_:to:id:timeout:)`` throws.
    @discardableResult
    public func publish<Value: Encodable>(
        _ value: Value, to stream: StreamName, id: DeduplicationID? = nil, key: String? = nil, headers: Headers = [:],
        timeout: Duration? = nil
    ) async throws(BrokerError) -> PublishReceipt {
        try await publish(Message(encode(value), key: key, headers: headers), to: stream, id: id, timeout: timeout)
    }

    /// Wrap bytes in a ``Message``, so that they are not encoded as a list of numbers by accident.
    @available(*, unavailable, message: "wrap the bytes: publish(Message(bytes), to: …)")
    @discardableResult
    public func publish(
        _ bytes: [UInt8], to stream: StreamName, id: DeduplicationID? = nil, key: String? = nil, headers: Headers = [:]
    ) async throws(BrokerError) -> PublishReceipt {
        try await publish(Message(bytes, key: key, headers: headers), to: stream, id: id)
    }

    /// Stores many messages in as few writes as possible.
    ///
    /// A message that breaks a rule, or that middleware refuses, fails alone; the others are stored. In a cancelled
    /// task every message fails, as a single one would.
    ///
    /// - Parameters:
    ///   - messages: The messages.
    ///   - stream: The stream that stores them.
    ///   - ids: The publisher's own ids of the messages, one for each in order, as in ``publish(_:to:id:timeout:)``; none
    ///     by default.
    ///   - timeout: How long storing may take, as in ``publish(_:to:id:timeout:)``.
    /// - Returns: One result for each message, in order.
    public func publish(
        batch messages: [Message], to stream: StreamName, ids: [DeduplicationID?] = [], timeout: Duration? = nil
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let route: StreamRoute
        do throws(BrokerError) {
            route = try router.route(to: stream)
            if !ids.isEmpty, ids.count != messages.count { throw .wrongNumber(ofIDs: ids.count, for: messages.count) }
        } catch {
            return messages.map { _ in .failure(error) }
        }
        var checked = CheckedBatch(for: route, ids: ids, capacity: messages.count)
        if middleware.list.isEmpty {
            for message in messages { checked.add(message) }
        } else {
            for message in messages {
                do throws(BrokerError) {
                    checked.add(try await middleware.prepare(message, for: stream, .publish))
                } catch {
                    checked.refuse(error)
                }
            }
        }
        return checked.results(await route.store(checked.entries, until: deadline(after: timeout)))
    }

    /// Encodes a value as the body of a message.
    ///
    /// - Throws: ``BrokerError/Code/encoding``.
    public func encode<Value: Encodable>(_ value: Value) throws(BrokerError) -> Payload {
        try codec.body(of: value)
    }
}

/// The messages of a batch that keep the rules, and why the others do not.
private struct CheckedBatch {
    private let route: StreamRoute
    /// The ids of the messages; empty if none has one.
    private let ids: [DeduplicationID?]
    private(set) var entries: [PublishBatch.Entry] = []
    /// By the place in the batch; the least first.
    private var refused: [(index: Int, error: BrokerError)] = []

    init(for route: StreamRoute, ids: [DeduplicationID?], capacity: Int) {
        self.route = route
        self.ids = ids
        entries.reserveCapacity(capacity)
    }

    mutating func add(_ message: Message) {
        do {
            try route.check(message)
            entries.append(try route.entry(of: message, id: ids.isEmpty ? nil : ids[entries.count + refused.count]))
        } catch {
            refuse(error)
        }
    }

    mutating func refuse(_ error: BrokerError) {
        refused.append((entries.count + refused.count, error))
    }

    /// One result for each message, in order.
    ///
    /// - Parameter stored: One result for each entry, in order.
    func results(_ stored: [Result<PublishReceipt, BrokerError>]) -> [Result<PublishReceipt, BrokerError>] {
        if refused.isEmpty { return stored }
        var results: [Result<PublishReceipt, BrokerError>] = []
        results.reserveCapacity(stored.count + refused.count)
        var next = stored.makeIterator()
        for (index, error) in refused {
            while results.count < index, let result = next.next() { results.append(result) }
            results.append(.failure(error))
        }
        while let result = next.next() { results.append(result) }
        return results
    }
}

extension BrokerError {
    fileprivate static func wrongNumber(ofIDs ids: Int, for messages: Int) -> BrokerError {
        BrokerError(
            .invalidMessage, "a batch has an id for each message or none; this one has \(messages) messages, \(ids) ids"
        )
    }
}
