// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Gives everything that belongs together one trace id: what is published, what its handlers publish because of it, and
/// their log lines.
struct TraceMiddleware: BrokerMiddleware {
    /// The trace that the current task works for; `nil` outside of one.
    @TaskLocal static var current: String?

    static let header = "trace-id"

    func handle(_ delivery: Delivery, next: DeliveryHandler) async throws {
        guard let trace = delivery.message.headers[Self.header] else { return try await next(delivery) }
        var delivery = delivery
        delivery.logger[metadataKey: Self.header] = "\(trace)"
        try await Self.$current.withValue(trace) { try await next(delivery) }
    }

    func prepare(_ outbound: OutboundMessage) async throws -> Message {
        var message = outbound.message
        let inherited = outbound.cause?.message.headers[Self.header]
        message.headers[Self.header] = Self.current ?? inherited ?? Self.newTrace()
        return message
    }

    private static func newTrace() -> String {
        String(UInt64.random(in: 1 ... .max), radix: 16)
    }
}
