// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The way of a batch through a middleware that knows single deliveries.
///
/// The middleware surrounds each delivery, one inside the other. So each of them sees what the handler threw, and
/// `next` is called once. A delivery that does not get through is settled alone, and the others go on.
final class BatchPassage<Middleware: BrokerMiddleware>: Sendable {
    private let middleware: Middleware
    private let batch: [Delivery]
    /// What came out of the middleware, at the place of what went in; `nil` for what did not get through.
    private let passed: Mutex<[Delivery?]>

    init(through middleware: Middleware, _ batch: [Delivery]) {
        self.middleware = middleware
        self.batch = batch
        passed = Mutex(Array(repeating: nil, count: batch.count))
    }

    /// Lets the deliveries from a position on pass, and then the batch.
    func pass(from position: Int, _ next: BatchHandler) async throws {
        guard position < batch.count else {
            let batch = passed.withLock { $0 }.compactMap(\.self)
            if !batch.isEmpty { try await next(batch) }
            return
        }
        let delivery = batch[position]
        var failure: (any Error)?
        passed.withLock { $0[position] = nil }
        do {
            try await middleware.handle(delivery) { changed in
                self.passed.withLock { $0[position] = changed }
                try await self.pass(from: position + 1, next)
            }
        } catch {
            // A cancellation concerns the whole batch.
            if hasPassed(position) || Task.isCancelled { throw error }
            failure = error
        }
        if hasPassed(position) { return }
        delivery.settleAlone(failure)
        try await pass(from: position + 1, next)
    }

    private func hasPassed(_ position: Int) -> Bool { passed.withLock { $0[position] != nil } }
}
