// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// What the lease keeper has to tell, on its way to the observers.
///
/// The keeper's thread extends the leases of the whole process, and an observer or a log may block. So the keeper only
/// puts its events here, in order, and a task of the consumer tells them.
final class LeaseEvents: Sendable {
    /// An observer that is this many events behind misses what comes next, so that memory stays bounded.
    static let bound = 10_000

    private struct State {
        var events: [BrokerEvent] = []
        var missed = 0
        var isFinished = false
    }

    private let state = Mutex(State())
    private let eventSignal = WakeSignal()

    func put(_ event: BrokerEvent) {
        state.withLock { state in
            if state.events.count < Self.bound { state.events.append(event) } else { state.missed += 1 }
        }
        eventSignal.raise()
    }

    /// Ends the run once everything has been told.
    func finish() {
        state.withLock { $0.isFinished = true }
        eventSignal.raise()
    }

    /// Tells observers what comes until it is finished, and logs how many events they have missed.
    func run(telling observers: Observers, logger: Logger, group: GroupName) async {
        let missed = await tellAll(observers)
        guard missed > 0 else { return }
        logger.warning(
            "Events were not told, since an observer was too slow",
            metadata: [LoggingKeys.group: "\(group)", "events": "\(missed)"])
    }

    private func tellAll(_ observers: Observers) async -> Int {
        while true {
            let (events, isFinished) = state.withLock { state in
                defer { state.events = [] }
                return (state.events, state.isFinished)
            }
            for event in events { observers.tell(event) }
            if !events.isEmpty { continue }
            if isFinished { return state.withLock { $0.missed } }
            await eventSignal.wait()
        }
    }
}
