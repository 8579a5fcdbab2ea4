// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

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
        return handling.conclude(delivery, as: runner, ending)
    }
}
