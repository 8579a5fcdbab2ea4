// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// A handler that takes one message at a time.
struct SingleWork: LaneWork {
    let consumer: ConsumerContext
    let handler: DeliveryHandler

    func handle(_ held: Held, as runner: RunnerID, doorbell: WakeSignal) async -> Bool {
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

extension Ending {
    /// What an error that left a handler means.
    init(_ error: any Error) {
        switch error {
        case let rejection as Reject: self = .rejected(rejection.reason)
        case let undecodable as Undecodable: self = .undecodable(undecodable.reason)
        default: self = .threw(error)
        }
    }

    var isSuccess: Bool {
        if case .returned = self { true } else { false }
    }
}
