// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Synchronization

/// Writes down every event.
final class EventRecorder: BrokerObserver {
    private let clock: any BrokerClock
    private let list = Mutex<[(at: Instant, event: BrokerEvent)]>([])

    init(clock: any BrokerClock) { self.clock = clock }

    func observe(_ event: BrokerEvent) {
        let now = clock.now
        list.withLock { $0.append((now, event)) }
    }

    var all: [BrokerEvent] { list.withLock { $0.map(\.event) } }

    /// Every settlement that was answered, in order.
    var settled: [SettledEvent.Entry] {
        all.flatMap { event -> [SettledEvent.Entry] in
            if case .settled(let settled) = event { settled.entries } else { [] }
        }
    }

    /// What was done, in order.
    var kinds: [SettledEvent.Kind] { settled.map(\.kind) }

    /// Every message that was leased, in order.
    var received: [InboundMessage] {
        all.flatMap { event -> [InboundMessage] in
            if case .received(let received) = event { received.messages } else { [] }
        }
    }

    var cancellations: [CancellationReason] {
        all.compactMap { event -> CancellationReason? in
            if case .cancelled(_, let reason) = event { reason } else { nil }
        }
    }

    func count(_ isMeant: (BrokerEvent) -> Bool) -> Int { all.count { isMeant($0) } }

    var failuresAfterSettling: Int { count { if case .failedAfterSettling = $0 { true } else { false } } }
    var lanesPutAside: Int { count { if case .laneReplaced = $0 { true } else { false } } }
    var leasesLost: Int { count { if case .leaseLost = $0 { true } else { false } } }
    var refusals: Int { count { if case .settlementRefused = $0 { true } else { false } } }
    var abandoned: Int { count { if case .abandoned = $0 { true } else { false } } }
}

/// A list that several tasks write.
final class Journal<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    func append(_ element: Element) { list.withLock { $0.append(element) } }

    var all: [Element] { list.withLock { $0 } }
    var count: Int { all.count }
}
