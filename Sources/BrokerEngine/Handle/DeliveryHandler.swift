// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Handles one delivery: returning acknowledges, throwing asks for a retry.
public typealias DeliveryHandler = @Sendable (Delivery) async throws -> Void

/// Handles a batch of deliveries: returning acknowledges all that are not settled singly, throwing retries those.
public typealias BatchHandler = @Sendable ([Delivery]) async throws -> Void

/// Surrounds every handler of a registry; composed once, when a consumer starts.
///
/// Called by the lanes, several at a time. What `next` throws must be thrown on, or the message counts as handled.
public protocol BrokerMiddleware: Sendable {
    /// Handles a delivery by calling `next`, or does not.
    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws

    /// Handles a batch by calling `next`, or does not; by default calls it.
    func handle(batch: [Delivery], next: BatchHandler) async throws
}

extension BrokerMiddleware {
    /// Calls `next`: a middleware that says nothing about batches lets them through.
    public func handle(batch: [Delivery], next: BatchHandler) async throws {
        try await next(batch)
    }
}

/// Composes middleware around handlers, the first one outermost.
enum MiddlewareChain {
    static func wrap(_ handler: @escaping DeliveryHandler, in chain: [any BrokerMiddleware]) -> DeliveryHandler {
        chain.reversed().reduce(handler) { next, middleware in
            { delivery in try await middleware.handle(delivery, next: next) }
        }
    }

    static func wrap(_ handler: @escaping BatchHandler, in chain: [any BrokerMiddleware]) -> BatchHandler {
        chain.reversed().reduce(handler) { next, middleware in
            { batch in try await middleware.handle(batch: batch, next: next) }
        }
    }
}
