// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Surrounds handling and publishing, for tracing, encryption, compression or logging.
///
/// A registry has a list of middleware. The first one is nearest to the broker: it is the last to see a message that is
/// published, and the first to see one that is handled. So a change on the way out is undone in the right order on the
/// way in.
///
/// The methods are called from the tasks that publish and handle, several at a time.
public protocol BrokerMiddleware: Sendable {
    /// Handles a delivery, usually by calling `next`, which is the default.
    ///
    /// Change a copy of the delivery to give the handler another message or more metadata for its log lines. The stored
    /// message stays as it is: a dead letter has the bytes that were published. Rethrow what `next` throws; otherwise
    /// the message counts as handled.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - next: The next middleware, or the handler.
    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws

    /// Handles a batch, usually by calling `next`.
    ///
    /// By default ``handle(_:next:)`` surrounds each delivery of the batch, one inside the other, and `next` is called
    /// once, with all deliveries that got through:
    ///
    /// - A changed message or logger of a delivery is in the batch.
    /// - A delivery whose method returns without calling its `next` counts as handled, and is not in the batch.
    /// - A delivery whose method throws before it calls its `next` fails alone, and is not in the batch.
    /// - What the handler throws comes out of every `next`, and concerns the whole batch, as it does without middleware.
    ///   If the method keeps that to itself, the batch counts as handled.
    /// - Of a task-local value that the method sets around `next`, the handler sees that of the last delivery.
    ///
    /// Implement it where a batch is to be treated as one, such as for a log line for each batch.
    ///
    /// - Parameters:
    ///   - batch: The deliveries.
    ///   - next: The next middleware, or the handler.
    func handle(batch: [Delivery], next: BatchHandler) async throws

    /// Makes a message ready for its stream; by default returns it as it is.
    ///
    /// The method is called once for each message of a publish, a forward, a reply or a request, before the rules of the
    /// stream are checked. An error reaches the publisher, and nothing is stored.
    ///
    /// - Parameter outbound: The message, its stream, and what publishes it.
    /// - Returns: The message to be stored.
    func prepare(_ outbound: OutboundMessage) async throws -> Message

    /// Opens a reply for the requester that waits for it; by default returns it as it is.
    ///
    /// - Parameters:
    ///   - reply: The reply as it was stored.
    ///   - stream: The stream of the request.
    /// - Returns: The message that the requester gets.
    func receive(reply: Message, of stream: StreamName) async throws -> Message
}

extension BrokerMiddleware {
    /// Calls `next`.
    public func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        try await next(delivery)
    }

    /// Surrounds each delivery by ``handle(_:next:)``, and calls `next` once with those that got through.
    public func handle(batch: [Delivery], next: BatchHandler) async throws {
        try await BatchPassage(through: self, batch).pass(from: 0, next)
    }

    /// Returns the message as it is.
    public func prepare(_ outbound: OutboundMessage) async throws -> Message {
        outbound.message
    }

    /// Returns the reply as it is.
    public func receive(reply: Message, of stream: StreamName) async throws -> Message {
        reply
    }
}

/// A message on its way to a stream, before it is stored.
public struct OutboundMessage: Sendable {
    /// What publishes a message.
    @nonexhaustive
    public enum Purpose: String, Sendable, Hashable {
        /// The program, by ``BrokerRegistry/publish(_:to:)`` and its relatives.
        case publish
        /// A handler in place of its own message, by a connection or ``Delivery/forward(_:)``.
        case forward
        /// A handler that replies to a request.
        case reply
        /// The program, which waits for a reply.
        case request
    }

    /// The message.
    public var message: Message
    /// The stream that the message goes to.
    public let stream: StreamName
    /// What publishes it.
    public let purpose: Purpose
    /// The delivery whose handler forwards or replies; `nil` for what the program publishes by itself.
    public let cause: Delivery?
}
