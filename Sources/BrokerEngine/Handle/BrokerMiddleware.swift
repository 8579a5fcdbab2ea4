// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
