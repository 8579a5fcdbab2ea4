// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Dispatch

/// Is told of everything that happens; for counting, measuring and alarming.
///
/// Called from the stations themselves, or by a task of the consumer where a station runs on its provider's executor; on
/// any thread, several at a time, with batches where there are batches. It must return quickly and returns nothing:
/// nothing depends on it.
public protocol BrokerObserver: Sendable {
    /// Takes note of an event.
    ///
    /// - Parameter event: What has happened.
    func observe(_ event: BrokerEvent)
}

/// All observers of a registry.
struct Observers: Sendable {
    let list: [any BrokerObserver]
    /// Whether they are told what went well, too; the log is not.
    let wantRoutine: Bool

    /// - Parameters:
    ///   - log: The observer that every registry has.
    ///   - others: Those that its user has given it.
    init(log: EventLog, _ others: [any BrokerObserver]) {
        list = [log] + others
        wantRoutine = !others.isEmpty
    }

    /// Whether an event is of use to one of them.
    func want(_ event: BrokerEvent) -> Bool { wantRoutine || !event.isRoutine }

    func tell(_ event: @autoclosure () -> BrokerEvent) {
        guard !list.isEmpty else { return }
        let event = event()
        for observer in list { observer.observe(event) }
    }

    /// Tells an event on a thread of its own, for callers that must not be blocked while Swift's pool is.
    func tellAside(_ event: BrokerEvent) {
        Self.queue.async { tell(event) }
    }

    private static let queue = DispatchQueue(label: "streambroker.alarm", qos: .utility)
}

extension BrokerEvent {
    /// Whether it tells only that messages came, or were handled and acknowledged.
    fileprivate var isRoutine: Bool {
        switch self {
        case .received: true
        case .settled(let event): event.isAllAcknowledged
        default: false
        }
    }
}
