// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What stands behind forwarding: one step where the provider has one, else publishing and then an ack.
extension DeliveryContext {
    /// Publishes outputs in the place of a delivery's message.
    func forward(_ delivery: Delivery, _ outputs: [StreamOutput]) async throws(BrokerError) {
        let outputs = try await router.route(outputs, from: delivery, requester: requester(of: delivery))
        if let entries = try outputs.oneStep(from: delivery.stream, on: identity.broker) {
            try decide(delivery, .forward(entries))
            guard outputs.areBroadcast, await result(of: delivery) == .done else { return }
            await outputs.broadcast()
        } else {
            // What cannot be settled any more must not be published first.
            if try lease(of: delivery).isDecided { throw .settledTwice }
            try await outputs.publish()
            try decide(delivery, .forwarded)
        }
    }

    /// Returns the requester that still awaits a reply to a delivery. After a reply of the handler there is none.
    private func requester(of delivery: Delivery) -> PublishRouter.Requester? {
        guard let address = delivery.replyTo, leases.withLock({ $0[delivery.held.slot]?.hasReplied }) != true else {
            return nil
        }
        return PublishRouter.Requester(address: address, broker: identity.broker)
    }
}
