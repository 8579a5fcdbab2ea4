// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Station 6 of 6: takes decisions to the provider by group commit.
///
/// While one flush is in flight the next gathers; there is no timer. A flush that failed is repeated, and is never
/// mistaken for a handler that failed.
struct SettleLoop: Sendable {
    /// As many settlements are worth a flush at once.
    private static let enough = 64
    /// A flush lets other tasks go first so often in vain.
    private static let patience = 8

    let consumer: ConsumerContext
    let subscription: any BrokerSubscription

    /// Runs until the inbox is finished and everything in it is settled; false when that took until `overdue`.
    ///
    /// Raise the inbox's signal after making `overdue` earlier.
    func run(until overdue: @Sendable () -> Instant) async -> Bool {
        var backoff = CallBackoff()
        while true {
            await gather()
            await restore(&backoff, until: overdue)
            let (batch, isFinishing, nextDue) = consumer.inbox.take(now: consumer.now)
            if batch.isEmpty {
                if isFinishing, !withdrawRest() { return !abandonsRefused() }
                if !isFinishing { await wait(until: nextDue) }
                continue
            }
            guard await flush(batch, &backoff, until: overdue) else {
                consumer.observers.tell(.abandoned(consumer.identity, settlements: batch.count))
                return false
            }
        }
    }

    /// Lets quick lanes add to a flush that would else carry one settlement, and spares them waking this loop for each:
    /// goes to the end of the line of tasks that want to run, as long as that brings more.
    private func gather() async {
        let enough = min(Self.enough, consumer.capacity / 4)
        var count = consumer.inbox.count
        var patience = Self.patience
        while count < enough, patience > 0 {
            await Task.yield()
            let now = consumer.inbox.count
            patience = now > count ? Self.patience : patience - 1
            count = now
        }
    }

    private func wait(until due: Instant) async {
        if due == .distantFuture {
            await consumer.inbox.signal.wait()
        } else {
            await wait(until: due, on: consumer.runtime.clock)
        }
    }

    private func wait(until due: Instant, on clock: some BrokerClock) async {
        await consumer.inbox.signal.wait(until: due, on: clock)
    }

    /// Hands back what nobody will handle any more; returns whether there was something.
    private func withdrawRest() -> Bool {
        let now = consumer.now
        let rest = consumer.leases.withLock { $0.withdrawAll(now: now) }
        for withdrawn in rest { consumer.inbox.put(Decision(handingBack: withdrawn)) }
        return !rest.isEmpty
    }

    /// Whether some settlements were still refused at the end; their messages keep their leases.
    private func abandonsRefused() -> Bool {
        let refused = consumer.inbox.refusedCount
        if refused > 0 { consumer.observers.tell(.abandoned(consumer.identity, settlements: refused)) }
        return refused > 0
    }

    /// Sends a batch until the provider has answered; false when it was given up.
    private func flush(
        _ batch: [Decision], _ backoff: inout CallBackoff, until overdue: () -> Instant
    ) async -> Bool {
        while true {
            let (batch, settlements) = settlements(of: batch)
            if batch.isEmpty { return true }
            let asked = consumer.now
            do throws(BrokerError) {
                let outcomes = try await subscription.settle(settlements)
                guard outcomes.count == settlements.count else { throw BrokerError.incompleteOutcomes }
                if backoff.succeed() { consumer.recovered(.settle) }
                finish(batch, settlements, outcomes, asked: asked)
                return true
            } catch {
                if error.effect == .unknown { consumer.leases.withLock { $0.lostReply(to: batch) } }
                await pause(after: error, &backoff, until: overdue)
                if overdue() <= consumer.now { return false }
            }
        }
    }

    /// What is to be sent; a decision about a message that made room for another of the same id is void.
    private func settlements(of batch: [Decision]) -> ([Decision], [Settlement]) {
        let (live, settlements) = consumer.leases.withLock { table in
            let live = batch.allSatisfy(table.awaits) ? batch : batch.filter(table.awaits)
            return (live, live.map { Settlement(table.currentReceipt(of: $0), $0.action) })
        }
        if live.count < batch.count {
            let slots = Set(live.map(\.slot))
            for decision in batch where !slots.contains(decision.slot) {
                consumer.waiters.tell(decision.slot, .settled)
                // Nobody else would end its wait in its lane, and with that the wait of its key.
                if decision.resumeAfter != nil { consumer.lanes.resume(decision.slot) }
            }
        }
        return (live, settlements)
    }

    /// Waits before a flush is repeated; neither cancellation nor a new decision shortens that, but the end does.
    func pause(after error: BrokerError, _ backoff: inout CallBackoff, until overdue: () -> Instant) async {
        let end = consumer.now + consumer.failed(.settle, error, &backoff)
        while consumer.now < min(end, overdue()) {
            await wait(until: min(end, overdue()), on: consumer.runtime.clock)
        }
    }

    private func finish(
        _ batch: [Decision], _ settlements: [Settlement], _ outcomes: [SettlementOutcome], asked: Instant
    ) {
        let now = consumer.now
        let (applied, isClear) = consumer.leases.withLock { table in
            let hadSuspects = table.suspects > 0
            let applied = table.apply(outcomes, of: settlements, for: batch, asked: asked, now: now)
            return (applied, hadSuspects && table.suspects == 0)
        }
        if consumer.demand().isWorthAsking { consumer.fetchSignal.raise() }
        if isClear { consumer.suspectWatch.withLock { $0 }?.raise() }
        if applied.isEarlier { consumer.keeperSignal.raise() }
        for slot in applied.dropped { consumer.lanes.resume(slot) }
        for decision in applied.again + applied.handBack { consumer.inbox.put(decision) }
        for (decision, error) in applied.refused {
            guard consumer.inbox.deferRefused(decision, now: now) else { continue }
            let identity = consumer.delivery(decision.receipt, attempt: decision.attempt)
            consumer.observers.tell(.settlementRefused(identity, error: error))
        }
        report(batch, settlements, outcomes, butNot: applied.again)
    }

    /// What is sent again has not been answered yet.
    private func report(
        _ batch: [Decision], _ settlements: [Settlement], _ outcomes: [SettlementOutcome], butNot again: [Decision]
    ) {
        guard !again.isEmpty else { return report(batch, settlements, outcomes) }
        let answered = batch.indices.filter { index in !again.contains { $0.slot == batch[index].slot } }
        report(answered.map { batch[$0] }, answered.map { settlements[$0] }, answered.map { outcomes[$0] })
    }

    private func report(_ batch: [Decision], _ settlements: [Settlement], _ outcomes: [SettlementOutcome]) {
        var entries: [SettledEvent.Entry] = []
        entries.reserveCapacity(batch.count)
        for index in batch.indices {
            entries.append(
                SettledEvent.Entry(
                    receipt: settlements[index].receipt, kind: SettledEvent.Kind(batch[index]),
                    outcome: SettledEvent.Outcome(outcomes[index]), attempt: batch[index].attempt,
                    handling: batch[index].handling))
        }
        consumer.waiters.tell(batch, entries)
        consumer.observers.tell(.settled(SettledEvent(consumer: consumer.identity, entries: entries)))
    }
}

extension BrokerError {
    static let incompleteOutcomes = BrokerError(
        .malformedReply, "the provider answered another number of outcomes than it was given settlements",
        isRetryable: true, effect: .unknown)
}
