// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Station "settle": decisions are carried out.
extension MemoryLog {
    /// Carries out decisions in the given order. Returns one outcome for each; `nil` if the subscription has been
    /// closed.
    package mutating func settle(_ settlements: [Settlement], subscription number: Int, at time: MemoryTime)
        -> [SettlementOutcome]?
    {
        guard let subscription = subscriptions[number] else { return nil }
        var outcomes: [SettlementOutcome] = []
        outcomes.reserveCapacity(settlements.count)
        var last = subscription.paths.first
        for settlement in settlements {
            guard let path = path(of: settlement.receipt.stream, subscription, near: last) else {
                outcomes.append(.settled)
                continue
            }
            last = path
            outcomes.append(settle(settlement, at: path, subscription, time))
        }
        clear(settlements)
        return outcomes
    }

    /// Extends leases. Returns one outcome for each; `nil` if the subscription has been closed.
    package mutating func extend(_ receipts: [Receipt], subscription number: Int, at time: MemoryTime)
        -> [SettlementOutcome]?
    {
        guard let subscription = subscriptions[number] else { return nil }
        return receipts.map { receipt in
            guard let path = path(of: receipt.stream, subscription, near: subscription.paths.first) else {
                return .settled
            }
            return streams[path.stream].extend(receipt, in: path.group, subscription.holder, now: time.now)
        }
    }

    /// Takes leases again that were removed from outside. Returns one outcome for each; `nil` if the subscription has
    /// been closed.
    package mutating func restore(_ receipts: [Receipt], subscription number: Int, at time: MemoryTime)
        -> [SettlementOutcome]?
    {
        guard let subscription = subscriptions[number] else { return nil }
        let paths = receipts.map { path(of: $0.stream, subscription, near: subscription.paths.first) }
        var losses: Set<Subscription.Path> = []
        var takenOver: Set<Subscription.Path> = []
        for case (let receipt, let path?) in zip(receipts, paths) {
            if streams[path.stream].groups[path.group].hasLost(receipt) { losses.insert(path) }
            if streams[path.stream].groups[path.group].isTakenOver(receipt, subscription.holder) {
                takenOver.insert(path)
            }
        }
        losses.subtract(takenOver)
        return zip(receipts, paths).map { receipt, path in
            guard let path else { return .settled }
            return streams[path.stream].restore(
                receipt, in: path.group, subscription.holder, isLost: losses.contains(path), now: time.now)
        }
    }

    private mutating func settle(
        _ settlement: Settlement, at path: Subscription.Path, _ subscription: Subscription, _ time: MemoryTime
    ) -> SettlementOutcome {
        let receipt = settlement.receipt
        switch settlement.action {
        case .ack:
            return streams[path.stream].acknowledge(receipt, in: path.group)
        case .retry(let delay):
            return streams[path.stream].park(
                receipt, after: delay, refunding: false, in: path.group, subscription.holder, now: time.now, &wakes)
        case .release(let delay):
            return streams[path.stream].park(
                receipt, after: delay, refunding: true, in: path.group, subscription.holder, now: time.now, &wakes)
        case .renew:
            return streams[path.stream].renew(receipt, in: path.group, subscription.holder, now: time.now)
        case .deadLetter(let note):
            let destination = subscription.request.deadLetter.destination(for: receipt.stream)
            let outcome = move(receipt, at: path, subscription.holder, time) { message in
                let letter = message.deadLetter(of: receipt, for: subscription.request, note, at: time.timestamp)
                return [PublishBatch.Entry(stream: destination, message: letter)]
            }
            guard case .done = outcome, let place = place(of: destination) else { return outcome }
            return .deadLettered(streams[place].entries.lastID)
        case .forward(let entries):
            return move(receipt, at: path, subscription.holder, time) { _ in entries }
        }
    }

    /// Stores messages in other streams and acknowledges, as one step. It stores first, since only that can fail.
    private mutating func move(
        _ receipt: Receipt, at path: Subscription.Path, _ holder: Holder, _ time: MemoryTime,
        as entries: (Message) -> [PublishBatch.Entry]
    ) -> SettlementOutcome {
        let held = streams[path.stream].held(receipt, in: path.group, holder)
        guard let message = held.message else { return held.outcome }
        if let error = store(entries(message), at: time) { return .refused(error) }
        return streams[path.stream].groups[path.group].acknowledge(receipt)
    }

    /// Returns the group of a receipt, which is usually that of the receipt before it.
    private func path(of stream: StreamName, _ subscription: Subscription, near last: Subscription.Path?)
        -> Subscription.Path?
    {
        if let last, streams[last.stream].name == stream { return last }
        guard let place = place(of: stream), let group = streams[place].place(of: subscription.request.group) else {
            return nil
        }
        return Subscription.Path(stream: place, group: group)
    }
}
