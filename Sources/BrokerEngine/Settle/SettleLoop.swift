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
    /// This many settlements are worth a flush at once.
    private static let enough = 64
    /// How many times in a row a flush lets other tasks run without getting a new decision.
    private static let patience = 8

    let identity: ConsumerIdentity
    let inbox: SettleInbox
    let leases: LeaseStore
    let lanes: LaneQueues
    let room: Room
    let reporter: SettlementReporter
    let losses: LossReporter
    let calls: CallMonitor
    let events: EventRelay
    let clock: any BrokerClock
    let subscription: any BrokerSubscription

    /// Runs until the inbox is finished and everything in it is settled; false when that took until `overdue`.
    ///
    /// Raise the inbox's decision signal after making `overdue` earlier.
    func run(until overdue: @Sendable () -> Instant) async -> Bool {
        var backoff = CallBackoff()
        while true {
            await gather()
            await restore(&backoff, until: overdue)
            let (batch, isFinishing, nextDue) = inbox.take(now: clock.now)
            if batch.isEmpty {
                if isFinishing, !withdrawRest() { return !abandonsRefused() }
                if !isFinishing { await wait(until: nextDue) }
                continue
            }
            guard await flush(batch, &backoff, until: overdue) else {
                events.tell(.abandoned(identity, settlements: batch.count))
                return false
            }
            await events.waitForRoom()
        }
    }

    /// Lets quick lanes add to a flush that would otherwise carry one settlement: goes to the end of the queue of
    /// runnable tasks as long as that brings more.
    private func gather() async {
        let enough = min(Self.enough, room.capacity / 4)
        var count = inbox.count
        var patience = Self.patience
        while count < enough, patience > 0 {
            await Task.yield()
            let now = inbox.count
            patience = now > count ? Self.patience : patience - 1
            count = now
        }
    }

    private func wait(until due: Instant) async {
        if due == .distantFuture {
            await inbox.decisionSignal.wait()
        } else {
            await wait(until: due, on: clock)
        }
    }

    private func wait(until due: Instant, on clock: some BrokerClock) async {
        await inbox.decisionSignal.wait(until: due, on: clock)
    }

    /// Hands back what nobody will handle any more; returns whether there was something.
    private func withdrawRest() -> Bool {
        let now = clock.now
        let rest = leases.withLock { $0.withdrawAll(now: now) }
        for withdrawn in rest { inbox.put(Decision(handingBack: withdrawn)) }
        return !rest.isEmpty
    }

    /// Whether some settlements were still refused at the end; their messages keep their leases.
    private func abandonsRefused() -> Bool {
        let refused = inbox.refusedCount
        if refused > 0 { events.tell(.abandoned(identity, settlements: refused)) }
        return refused > 0
    }

    /// Sends a batch until the provider has replied; false when it was given up.
    private func flush(
        _ batch: [Decision], _ backoff: inout CallBackoff, until overdue: () -> Instant
    ) async -> Bool {
        while true {
            let (batch, settlements) = settlements(of: batch)
            if batch.isEmpty { return true }
            // The room of these messages is about to be free: the next read may go beside the flush.
            if room.demand().isWorthAsking { leases.fetchSignal.raise() }
            let asked = clock.now
            do throws(BrokerError) {
                let outcomes = try await subscription.settle(settlements)
                guard outcomes.count == settlements.count else { throw BrokerError.incompleteOutcomes }
                if backoff.succeed() { calls.recovered(.settle) }
                finish(batch, settlements, outcomes, asked: asked)
                return true
            } catch {
                leases.withLock { table in
                    table.flushFailed()
                    if error.effect == .unknown { table.lostReply(to: batch) }
                }
                await pause(after: error, &backoff, until: overdue)
                if overdue() <= clock.now { return false }
            }
        }
    }

    /// What is to be sent; a decision about a message that made room for another of the same id is void.
    private func settlements(of batch: [Decision]) -> ([Decision], [Settlement]) {
        let live = leases.withLock { $0.beginFlush(batch) }
        if live.count < batch.count {
            let slots = Set(live.map(\.slot))
            for decision in batch where !slots.contains(decision.slot) {
                reporter.waiters.tell(decision.slot, .settled)
                // Nobody else would end its wait in its lane, and with that the wait of its key.
                if decision.verdict.resumeAfter != nil { lanes.resume(decision.slot) }
            }
        }
        return (live, live.map { Settlement($0.receipt, $0.action) })
    }

    /// Waits before a flush is repeated; neither cancellation nor a new decision shortens that, but the end does.
    func pause(after error: BrokerError, _ backoff: inout CallBackoff, until overdue: () -> Instant) async {
        let end = clock.now + calls.failed(.settle, error, &backoff)
        while clock.now < min(end, overdue()) {
            await wait(until: min(end, overdue()), on: clock)
        }
    }

    private func finish(
        _ batch: [Decision], _ settlements: [Settlement], _ outcomes: [SettlementOutcome], asked: Instant
    ) {
        let now = clock.now
        let (applied, isClear) = apply(outcomes, of: settlements, for: batch, asked: asked, now: now)
        if room.demand().isWorthAsking { leases.fetchSignal.raise() }
        if isClear { leases.signalNoSuspects() }
        if applied.isEarlier { leases.keeperSignal.raise() }
        for slot in applied.dropped { lanes.resume(slot) }
        for decision in applied.again + applied.handBack { inbox.put(decision) }
        for (decision, error) in applied.refused {
            guard inbox.deferRefused(decision, now: now) else { continue }
            let identity = identity.delivery(decision.receipt, attempt: decision.attempt)
            events.tell(.settlementRefused(identity, error: error))
        }
        reporter.report(batch, settlements, outcomes, butNot: applied.again)
    }
}

/// Applying what became of a flush.
extension SettleLoop {
    /// How many outcomes are applied under one lock of the table. The system puts a lane to sleep that waits for longer
    /// than it spins, and that costs more than taking the lock again.
    private static let slice = 32

    /// Applies the outcomes; returns what follows, and whether the last suspect was among them.
    private func apply(
        _ outcomes: [SettlementOutcome], of settlements: [Settlement], for batch: [Decision], asked: Instant,
        now: Instant
    ) -> (LeaseTable.Applied, isClear: Bool) {
        var applied = LeaseTable.Applied()
        var isClear = false
        for start in stride(from: 0, to: batch.count, by: Self.slice) {
            let range = start..<min(start + Self.slice, batch.count)
            leases.withLock { table in
                let hadSuspects = table.suspects > 0
                table.apply(outcomes, of: settlements, for: batch, in: range, asked: asked, now: now, to: &applied)
                if hadSuspects { isClear = table.suspects == 0 }
            }
        }
        return (applied, isClear)
    }
}

extension BrokerError {
    static let incompleteOutcomes = BrokerError(
        .malformedReply, "the provider returned another number of outcomes than it was given settlements",
        isRetryable: true, effect: .unknown)
}
