// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Synchronization

/// Requests: publishing a message and waiting for its reply.
///
/// The message travels like any other. It carries the name of this process's stream of replies, and a handler replies
/// with ``Delivery/reply(_:)-(Message)``. A request needs a registry that runs, and waits until it does. An error with
/// the effect `unknown` means that the request may be handled all the same.
extension BrokerRegistry {
    /// Publishes a message and returns the first reply to it.
    ///
    /// - Parameters:
    ///   - message: The request.
    ///   - stream: The stream that stores it.
    ///   - timeout: How long to wait in all: for the registry to run, for the request to be stored, and for the reply.
    ///     30 s by default.
    /// - Returns: The reply; further replies are dropped.
    /// - Throws: What ``publish(_:to:)`` throws; ``BrokerError/Code/timeout`` when no reply came in time;
    ///   ``BrokerError/Code/cancelled`` as soon as the task is cancelled; ``BrokerError/Code/closed`` when the registry
    ///   has ended, and ``BrokerError/Code/notRunning`` when it did not begin to run in time.
    public func request(
        _ message: Message, to stream: StreamName, timeout: Duration = .seconds(30)
    ) async throws(BrokerError) -> Message {
        let route = try router.route(to: stream)
        let message = try await router.prepare(message, for: route, .request)
        let reply = try await replyInbox(of: route.broker).ask(message, timeout: timeout) {
            request throws(BrokerError) in
            try await route.store(request)
        }
        return try await router.middleware.receive(reply: reply, of: stream)
    }

    /// Publishes a message and returns the value of the first reply to it.
    ///
    /// - Throws: ``BrokerError/Code/decoding`` when the reply is no such value, and what
    ///   ``request(_:to:timeout:)`` throws.
    public func request<Reply: Decodable & Sendable>(
        _ message: Message, to stream: StreamName, timeout: Duration = .seconds(30), as type: Reply.Type
    ) async throws(BrokerError) -> Reply {
        let reply = try await request(message, to: stream, timeout: timeout)
        do {
            return try codec.decode(type, from: reply.payload)
        } catch {
            throw BrokerError(.decoding, "the reply is no \(type)", underlying: error, effect: .unknown)
        }
    }

    /// Encodes a value, publishes it and returns the value of the first reply to it.
    public func request<Value: Encodable, Reply: Decodable & Sendable>(
        _ value: Value, to stream: StreamName, key: String? = nil, headers: Headers = [:],
        timeout: Duration = .seconds(30), as type: Reply.Type
    ) async throws(BrokerError) -> Reply {
        let message = Message(try encode(value), key: key, headers: headers)
        return try await request(message, to: stream, timeout: timeout, as: type)
    }

    /// How many callers wait for a reply.
    package var waitingRequests: Int { replyInboxes.values.reduce(0) { $0 + $1.waiting } }

    private func replyInbox(of broker: Broker) throws(BrokerError) -> ReplyInbox {
        guard let replyInbox = replyInboxes[broker.name] else {
            throw BrokerError(.closed, "the broker has no stream for replies")
        }
        return replyInbox
    }
}
