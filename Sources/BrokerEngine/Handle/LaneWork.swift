// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What a lane does with a message it has taken: one at a time, or as the first of a batch.
protocol LaneWork: Sendable {
    /// Handles a message; returns whether its runner was cancelled and must not be used again.
    func handle(_ held: Held, as runner: RunnerID, laneSignal: WakeSignal) async -> Bool
}

/// A handler that takes one message at a time.
struct SingleWork: LaneWork {
    let handling: Handling
    let handler: DeliveryHandler

    func handle(_ held: Held, as runner: RunnerID, laneSignal: WakeSignal) async -> Bool {
        guard let delivery = handling.begin(held, as: runner, at: handling.now) else { return false }
        let ending: Ending
        do {
            try await handler(delivery)
            ending = .returned
        } catch {
            ending = Ending(error)
        }
        return handling.end(delivery, as: runner, ending)
    }
}

/// A handler that takes batches; with an order, a batch holds one key.
struct BatchWork<Item: Sendable>: LaneWork {
    let handling: Handling
    let size: BatchSize
    let middleware: MiddlewareChain
    /// Makes an item of a message; what throws here is dead-lettered and not in the batch.
    let admit: @Sendable (Delivery) throws -> Item
    let handler: @Sendable ([Item]) async throws -> Void

    func handle(_ held: Held, as runner: RunnerID, laneSignal: WakeSignal) async -> Bool {
        let (batch, isClosed) = await handling.lanes.gather(
            upTo: size.limit, with: held, until: handling.now + size.window, laneSignal: laneSignal,
            clock: handling.context.runtime.clock)
        guard !isClosed, !Task.isCancelled else {
            handling.handBack(batch)
            return Task.isCancelled
        }
        // One beginning for all, so that their deadlines strike together and none is cancelled for another's sake.
        let now = handling.now
        let deliveries = batch.compactMap { handling.begin($0, as: runner, at: now) }
        guard !deliveries.isEmpty else { return Task.isCancelled }
        let refused = Refused()
        let ending: Ending
        do {
            try await middleware.wrap({ deliveries in
                let items = deliveries.compactMap { admit($0, as: runner, refused) }
                if !items.isEmpty { try await handler(items) }
            })(deliveries)
            ending = .returned
        } catch {
            ending = Ending(error)
        }
        let slots = refused.slots.withLock { $0 }
        return end(deliveries.filter { !slots.contains($0.held.slot) }, as: runner, ending)
    }

    /// The deliveries of a batch that were refused, and so are over before the batch is.
    private final class Refused: Sendable {
        let slots = Mutex<Set<Slot>>([])
    }

    private func admit(_ delivery: Delivery, as runner: RunnerID, _ refused: Refused) -> Item? {
        do {
            return try admit(delivery)
        } catch {
            refused.slots.withLock { _ = $0.insert(delivery.held.slot) }
            _ = handling.end(delivery, as: runner, Ending(error))
            return nil
        }
    }

    private func end(_ deliveries: [Delivery], as runner: RunnerID, _ ending: Ending) -> Bool {
        var wasCancelled = Task.isCancelled
        for delivery in deliveries where handling.end(delivery, as: runner, ending) { wasCancelled = true }
        return wasCancelled
    }
}
