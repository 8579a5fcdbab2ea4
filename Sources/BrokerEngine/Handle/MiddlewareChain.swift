// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

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
