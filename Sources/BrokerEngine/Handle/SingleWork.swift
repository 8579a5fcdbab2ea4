// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A handler that takes one message at a time.
struct SingleWork: LaneWork {
    let consumer: ConsumerContext
    let handler: DeliveryHandler

    func handle(_ held: Held, as runner: RunnerID, laneSignal: WakeSignal) async -> Bool {
        guard let delivery = consumer.begin(held, as: runner, at: consumer.now) else { return false }
        let ending: Ending
        do {
            try await handler(delivery)
            ending = .returned
        } catch {
            ending = Ending(error)
        }
        return consumer.conclude(delivery, as: runner, ending)
    }
}
