// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// Beside the line: keeps what is held, and acts on what time brings.
///
/// Runs on the engine's own thread, so that handlers which block or spin on every core cost nobody a lease. Nothing
/// here may block, so what it sees is told by ``EventRelay``. One timer for heartbeats, deadlines, retries in place
/// and leases that ran out.
struct LeaseKeeper: Sendable {
    let identity: ConsumerIdentity
    let leases: LeaseStore
    let lanes: LaneQueues
    let inbox: SettleInbox
    let extender: LeaseExtender
    let losses: LossReporter
    let events: EventRelay
    let calls: CallMonitor
    let pulse: PoolPulse
    let decider: Decider
    let clock: any BrokerClock
    let subscription: any BrokerSubscription
    /// Cancels a runner.
    let cancel: @Sendable (RunnerID) -> Void
    /// Takes a lane out of service whose handler ignores its cancellation.
    let replace: @Sendable (RunnerID) -> Void
    /// Takes note that a handler ignores the end of the drain.
    let abandon: @Sendable () -> Void

    /// Runs until `isOver`; raise the keeper signal after making it so.
    func run(until isOver: @escaping @Sendable () -> Bool) async {
        await withDiscardingTaskGroup { beats in
            var report = SlowHandlerReport()
            let handsBack = subscription.executor != nil
            while !isOver() {
                let now = clock.now
                let poolSeen = pulse.lastSeen
                let (work, held) = leases.withLock {
                    ($0.tick(now: now, poolSeen: poolSeen, handsBack: handsBack), $0.held)
                }
                if work.isHeartbeat { pulse.ask() }
                // What is no longer held cannot fail to be extended.
                if held == 0 { calls.recovered(.extend) }
                if !work.extend.isEmpty {
                    beats.addTask { await extend(work.extend) }
                }
                if work.isHeartbeat {
                    let calls = report.beat(work.oldest.map { running($0, at: now) })
                    if !calls.isEmpty { beats.addTask { await show(calls) } }
                }
                act(on: work)
                await wait(until: work.next, on: clock)
            }
            await show(report.beat(nil))
        }
    }

    private func running(_ lease: Lease, at now: Instant) -> RunningHandler {
        RunningHandler(
            group: identity.group, consumer: identity.consumer, stream: lease.receipt.stream,
            message: lease.receipt.id, running: now - lease.began)
    }

    /// Shows a handler on the backend, if it can. A call that fails is repeated with the next heartbeat, and what is not
    /// shown again vanishes.
    private func show(_ calls: [SlowHandlerReport.Call]) async {
        guard let reporting = subscription as? any HandlerReporting else { return }
        let lifetime = leases.withLock { $0.visibility }
        for call in calls { try? await reporting.report(call.handler, isOver: call.isOver, for: lifetime) }
    }

    private func wait(until next: Instant, on clock: some BrokerClock) async {
        await leases.keeperSignal.wait(until: next, on: clock)
    }

    private func act(on work: LeaseTable.Work) {
        for (slot, lease) in work.lost { losses.tellLost(slot, lease) }
        for (lease, running) in work.slow {
            events.put(.handlerSlow(identity.delivery(lease.receipt, attempt: lease.attempt), running: running))
        }
        for (runner, cause) in work.cancel {
            cancel(runner)
            events.put(.cancelled(identity, reason: cause))
        }
        for written in work.writtenOff { writeOff(written.runner, written.slot, written.lease, written.mustDecide) }
        for withdrawn in work.withdrawn { inbox.put(Decision(handingBack: withdrawn)) }
        for slot in work.resume { lanes.resume(slot) }
        if !work.successors.isEmpty { lanes.push(work.successors) }
        if !work.lost.isEmpty || !work.writtenOff.isEmpty { leases.signalRoom() }
    }

    /// Detaches a message from a handler that does not end, and decides about it as if the handler had thrown.
    private func writeOff(_ runner: RunnerID, _ slot: Slot, _ lease: Lease, _ mustDecide: Bool) {
        events.put(.laneReplaced(identity.delivery(lease.receipt, attempt: lease.attempt)))
        guard lease.cause != .shutdown else { return abandon() }
        replace(runner)
        lanes.finish(slot)
        if mustDecide { inbox.put(decision(slot, lease)) }
    }

    private func decision(_ slot: Slot, _ lease: Lease) -> Decision {
        let now = clock.now
        // The retry in place that a verb asked for is on record, and waits on elsewhere.
        if lease.isDecided { return Decision(handingBack: LeaseTable.Withdrawn(slot, lease, now: now)) }
        let ending: Ending = lease.cause == .deadline ? .timedOut : .interrupted
        var verdict = decider.verdict(on: ending, attempt: lease.attempt, releases: lease.releases)
        // No lane would take the message up.
        if let pause = verdict.resumeAfter { verdict = Verdict(.retry(after: pause), failure: verdict.failure) }
        return Decision(
            slot: slot, receipt: lease.receipt, verdict: verdict, attempt: lease.attempt, handling: now - lease.began)
    }

    private func extend(_ leased: [(slot: Slot, receipt: Receipt)]) async {
        do {
            try await extender.extend(leased, by: subscription)
            calls.recovered(.extend)
        } catch {
            let now = clock.now
            let pause = leases.withLock { $0.heartbeatFailed(now: now) }
            calls.failed(.extend, error, retryIn: pause)
            leases.keeperSignal.raise()
        }
    }
}
