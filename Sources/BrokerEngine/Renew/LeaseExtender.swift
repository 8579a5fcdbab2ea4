// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Extends leases, as the keeper does by heartbeat and a handler by its delivery.
final class LeaseExtender: Sendable {
    /// The subscription in the group, once the consumer has one.
    let subscription = Mutex<(any BrokerSubscription)?>(nil)

    private let leases: LeaseStore
    private let inbox: SettleInbox
    private let losses: LossReporter
    private let clock: any BrokerClock

    init(leases: LeaseStore, inbox: SettleInbox, losses: LossReporter, clock: any BrokerClock) {
        self.leases = leases
        self.inbox = inbox
        self.losses = losses
        self.clock = clock
    }

    /// Extends leases and takes note of what came of it; the keeper cancels the handlers whose lease is lost.
    func extend(
        _ leased: [(slot: Slot, receipt: Receipt)], by subscription: any BrokerSubscription
    ) async throws(BrokerError) {
        let asked = clock.now
        let outcomes = try await subscription.extend(leased.map(\.receipt))
        let (result, hasDoubts) = leases.withLock { ($0.extended(leased, outcomes, asked: asked), $0.hasDoubts) }
        if hasDoubts { inbox.decisionSignal.raise() }
        losses.tell(result)
    }
}
