// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
public import BrokerEngine
import Synchronization

/// An observer that keeps every event, for tests to look at.
public final class EventRecorder: BrokerObserver {
    private let list = Mutex<[BrokerEvent]>([])

    /// Makes a recorder without events.
    public init() {}

    /// Every event so far, in the order in which they were told.
    public var events: [BrokerEvent] { list.withLock { $0 } }

    /// Every settlement so far that came back from a provider, in order.
    public var settlements: [(consumer: ConsumerIdentity, entry: SettledEvent.Entry)] {
        events.flatMap { event -> [(consumer: ConsumerIdentity, entry: SettledEvent.Entry)] in
            guard case .settled(let settled) = event else { return [] }
            return settled.entries.map { (settled.consumer, $0) }
        }
    }

    /// Takes note of an event.
    public func observe(_ event: BrokerEvent) {
        list.withLock { $0.append(event) }
    }
}
