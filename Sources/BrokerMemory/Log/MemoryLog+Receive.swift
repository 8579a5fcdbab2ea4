// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Station "fetch": entries become leased messages.
extension MemoryLog {
    /// The result of a call of `receive`. Closed by design.
    package enum ReceiveResult: Sendable {
        /// It found this; maybe nothing, if it does not look again.
        case received(Received)
        /// It found nothing and waits under this number. It looks again when it is woken, and at that time.
        case waiting(number: Int, until: Instant)
        /// The subscription has been closed.
        case closed
    }

    /// Leases messages for a consumer. If there are none, the call waits, unless `isLast` says that it does not look
    /// again.
    ///
    /// A waiter that looks again passes its number.
    package mutating func receive(
        _ request: ReceiveRequest, subscription number: Int, waiter: Int? = nil, isLast: Bool, at time: MemoryTime
    ) -> ReceiveResult {
        if let waiter { withdraw(waiter, from: number) }
        guard var subscription = subscriptions[number] else { return .closed }
        revive(subscription)
        var intake = Intake(request, by: subscription.holder, at: time.now)
        lease(&intake, for: &subscription)
        subscriptions[number] = subscription
        guard intake.isEmpty, !isLast, request.limit > 0 else {
            passOn(subscription, intake)
            return .received(intake.received)
        }
        return wait(number, subscription.paths, intake)
    }

    /// Ends the wait of a call that does not look again, and wakes another one for the entries.
    package mutating func leave(subscription number: Int, waiter: Int) {
        withdraw(waiter, from: number)
        guard let subscription = subscriptions[number] else { return }
        for path in subscription.paths { streams[path.stream].wakeForNew(in: path.group, &wakes) }
    }
}

/// How much each source gives.
extension MemoryLog {
    private mutating func lease(_ intake: inout Intake, for subscription: inout Subscription) {
        guard intake.room > 0, !subscription.paths.isEmpty else { return }
        let quota = LeaseQuota(room: intake.room)
        if quota.isByTurns {
            takeTurns(&intake, for: &subscription)
        } else {
            for source in LeaseSource.allCases {
                take(source, min(quota.share(of: source), intake.room), &intake, for: subscription)
            }
            for source in LeaseQuota.orderOfTheRest { take(source, intake.room, &intake, for: subscription) }
        }
        subscription.rotation = (subscription.rotation + 1) % subscription.paths.count
    }

    private mutating func takeTurns(_ intake: inout Intake, for subscription: inout Subscription) {
        subscription.turns.begin()
        while intake.room > 0, let source = subscription.turns.next() {
            if take(source, 1, &intake, for: subscription) > 0 { subscription.turns.served() }
        }
    }

    @discardableResult
    private mutating func take(
        _ source: LeaseSource, _ limit: Int, _ intake: inout Intake, for subscription: Subscription
    ) -> Int {
        var taken = 0
        for turn in subscription.paths.indices where taken < limit {
            let path = subscription.paths[(subscription.rotation + turn) % subscription.paths.count]
            taken += streams[path.stream].lease(source, limit - taken, in: path.group, into: &intake)
        }
        return taken
    }
}

/// Waiting, and waking others.
extension MemoryLog {
    /// Creates destroyed groups again, and their streams, when a consumer asks for them.
    mutating func revive(_ subscription: Subscription) {
        for path in subscription.paths where !streams[path.stream].groups[path.group].exists {
            streams[path.stream].exists = true
            streams[path.stream].groups[path.group].revive()
        }
    }

    private mutating func wait(_ number: Int, _ paths: [Subscription.Path], _ intake: Intake) -> ReceiveResult {
        var until = Instant.distantFuture
        for path in paths {
            until = min(until, streams[path.stream].groups[path.group].nextEvent(for: intake))
        }
        let waiter = Waiter(
            number: makeNumber(), limit: intake.room, visibility: intake.holder.visibility, until: until)
        for path in paths { streams[path.stream].groups[path.group].waiting.append(waiter) }
        subscriptions[number]?.waiters.append(waiter)
        return .waiting(number: waiter.number, until: until)
    }

    private mutating func withdraw(_ waiter: Int, from number: Int) {
        guard let subscription = subscriptions[number] else { return }
        for path in subscription.paths {
            streams[path.stream].groups[path.group].waiting.removeAll { $0.number == waiter }
        }
        subscriptions[number]?.waiters.removeAll { $0.number == waiter }
    }

    private mutating func passOn(_ subscription: Subscription, _ intake: Intake) {
        for path in subscription.paths where !streams[path.stream].groups[path.group].waiting.isEmpty {
            streams[path.stream].wakeForNew(in: path.group, &wakes)
            streams[path.stream].groups[path.group].wakeForLeases(by: subscription.holder, at: intake.now, &wakes)
        }
    }
}
