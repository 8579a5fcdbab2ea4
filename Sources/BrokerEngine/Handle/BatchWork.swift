// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A handler that takes batches; with an order, a batch holds one key.
struct BatchWork<Item: Sendable>: LaneWork {
    let consumer: ConsumerContext
    let size: BatchSize
    let middleware: [any BrokerMiddleware]
    /// Makes an item of a message; what throws here is dead-lettered and not in the batch.
    let admit: @Sendable (Delivery) throws -> Item
    let handler: @Sendable ([Item]) async throws -> Void

    func handle(_ held: Held, as runner: RunnerID, doorbell: WakeSignal) async -> Bool {
        let (batch, isClosed) = await consumer.lanes.gather(
            upTo: size.limit, with: held, until: consumer.now + size.window, doorbell: doorbell,
            clock: consumer.runtime.clock)
        guard !isClosed, !Task.isCancelled else {
            consumer.handBack(batch)
            return Task.isCancelled
        }
        // One beginning for all, so that their deadlines strike together and none is cancelled for another's sake.
        let now = consumer.now
        let admitted = batch.compactMap { begin($0, as: runner, at: now) }
        guard !admitted.isEmpty else { return Task.isCancelled }
        let items = admitted.map(\.item)
        let deliveries = admitted.map(\.delivery)
        let ending: Ending
        do {
            try await MiddlewareChain.wrap({ _ in try await handler(items) }, in: middleware)(deliveries)
            ending = .returned
        } catch {
            ending = Ending(error)
        }
        return conclude(deliveries, as: runner, ending)
    }

    private func begin(_ held: Held, as runner: RunnerID, at now: Instant) -> (delivery: Delivery, item: Item)? {
        guard let delivery = consumer.begin(held, as: runner, at: now) else { return nil }
        do {
            return (delivery, try admit(delivery))
        } catch {
            _ = consumer.conclude(delivery, as: runner, Ending(error))
            return nil
        }
    }

    private func conclude(_ deliveries: [Delivery], as runner: RunnerID, _ ending: Ending) -> Bool {
        var wasCancelled = Task.isCancelled
        for delivery in deliveries where consumer.conclude(delivery, as: runner, ending) { wasCancelled = true }
        return wasCancelled
    }
}
