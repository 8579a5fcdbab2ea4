// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0
public import BrokerCore

/// Surrounds what a registry handles and what it publishes; for tracing, encryption, compression, logging.
///
/// A registry has a list of them, the first one nearest to the broker: it is the last to see what is published and the
/// first to see what is handled. So what one of them does to a message on its way out is undone in the right order on
/// its way in.
///
/// Called from the tasks that publish and handle, several at a time.
public protocol BrokerMiddleware: Sendable {
    /// Handles a delivery by calling `next`, or does not; by default calls it.
    ///
    /// Change a copy of the delivery to give the handler another message or more metadata for its log lines. What is
    /// stored stays as it is: a dead letter has the bytes that were published. What `next` throws must be thrown on, or
    /// the message counts as handled.
    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws

    /// Handles a batch by calling `next`, or does not; by default calls it.
    func handle(batch: [Delivery], next: BatchHandler) async throws

    /// Makes a message ready for its stream; by default returns it as it is.
    ///
    /// Called once for each message that the registry publishes, forwards, replies or requests, before the rules of its
    /// stream are checked. What it throws reaches the publisher: nothing was stored.
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

    /// Calls `next`: a middleware that says nothing about batches lets them through.
    public func handle(batch: [Delivery], next: BatchHandler) async throws {
        try await next(batch)
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
