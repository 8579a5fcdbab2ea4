// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging
import Synchronization

/// The events of one consumer on their way to its observers.
///
/// An observer or a log may block its thread. The lease keeper extends the leases of the whole process, and stations
/// that run where a connection lives would delay every reply of that connection. So they only put their events here, in
/// order, and a task of the consumer tells them. Stations that run on Swift's pool tell their events themselves.
final class EventRelay: Sendable {
    /// An observer that is this many events behind misses what the lease keeper tells next, so that memory stays
    /// bounded.
    static let bound = 10_000
    /// The settle loop waits for observers that are this many events behind.
    static let room = 64

    private struct State {
        var events: [BrokerEvent] = []
        var missed = 0
        var isFinished = false
    }

    private let observers: Observers
    private let state = Mutex(State())
    private let takesAll = Atomic(false)
    private let eventSignal = WakeSignal()
    private let roomSignal = WakeSignal()

    init(_ observers: Observers) {
        self.observers = observers
    }

    /// Whether somebody is told what went well, too.
    var wantRoutine: Bool { observers.wantRoutine }

    /// Takes the events of the stations too, from now on.
    func takeAll() {
        takesAll.store(true, ordering: .releasing)
    }

    /// Tells an event of a station, now or in its turn.
    func tell(_ event: BrokerEvent) {
        guard takesAll.load(ordering: .acquiring) else { return observers.tell(event) }
        guard observers.want(event) else { return }
        state.withLock { $0.events.append(event) }
        eventSignal.raise()
    }

    /// Tells an event of the lease keeper in its turn.
    func put(_ event: BrokerEvent) {
        state.withLock { state in
            if state.events.count < Self.bound { state.events.append(event) } else { state.missed += 1 }
        }
        eventSignal.raise()
    }

    /// Waits as long as too many events of stations wait to be told. For one caller at a time.
    func waitForRoom() async {
        while state.withLock({ $0.events.count >= Self.room && !$0.isFinished }) { await roomSignal.wait() }
    }

    /// Ends the run once everything has been told.
    func finish() {
        state.withLock { $0.isFinished = true }
        eventSignal.raise()
        roomSignal.raise()
    }

    /// Tells observers what comes until it is finished, and logs how many events they have missed.
    func run(logger: Logger, group: GroupName) async {
        let missed = await tellAll()
        guard missed > 0 else { return }
        logger.warning(
            "Events were not told, since an observer was too slow",
            metadata: [LoggingKeys.group: "\(group)", "events": "\(missed)"])
    }

    private func tellAll() async -> Int {
        while true {
            let (events, isFinished) = state.withLock { state in
                defer { state.events = [] }
                return (state.events, state.isFinished)
            }
            if events.count >= Self.room { roomSignal.raise() }
            for event in events { observers.tell(event) }
            if !events.isEmpty { continue }
            if isFinished { return state.withLock { $0.missed } }
            await eventSignal.wait()
        }
    }
}
