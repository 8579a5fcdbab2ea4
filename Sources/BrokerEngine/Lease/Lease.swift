// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What a consumer knows of one lease it holds.
package struct Lease: Sendable {
    /// Where the message is on its way through the consumer.
    package enum Stage: Sendable {
        /// Waits for a lane. Can go to running, or end when it is handed back.
        case buffered
        /// In a handler. Can go to waiting or ended.
        case running
        /// Waits in its lane for a retry in place. Can go to buffered or ended.
        case waiting
        /// No handler has it any more.
        case ended
    }

    /// How far the message is settled, which says what this consumer may still do about it.
    package enum Status: Sendable {
        /// Nothing is decided.
        case held
        /// A decision is on its way to the provider.
        case deciding
        /// Settled by this consumer.
        case settled
        /// Another consumer holds it, or it could not be extended in time.
        case lost
        /// The entry is gone from its stream.
        case missing
    }

    /// The newest receipt that is known.
    package var receipt: Receipt
    /// The attempt that the lease counts as, from 1.
    package var attempt: Int
    /// How often the message has been released.
    package var releases: Int
    package var isSuspect: Bool
    /// Which use of the slot this is.
    package var generation: UInt32
    package var stage: Stage
    package var status: Status
    /// Whether a verb or the lane has decided; the status says what came of that.
    package var isDecided = false
    /// Whether its lane has gone on while a decision was on its way, so that a retry in place would find no lane.
    package var isDetached = false
    /// Whether it was not pending any more, and the provider has been asked to take it again.
    package var wasDoubted = false
    /// Whether its decision was sent and the reply was lost, so that it may have been carried out.
    package var mayBeSettled = false
    /// Whether its handler has replied to it.
    package var hasReplied = false
    /// How often its handler has been told to run for long.
    package var warnings: UInt8 = 0
    /// How often it has entered a handler; tells the delivery of one attempt from that of a retry in place.
    package var run: UInt32 = 0
    /// Who runs the handler now.
    package var runner = RunnerID.nobody
    /// Why the handler has been told to end; `nil` while it has not.
    package var cause: CancellationReason?
    /// When the lease runs out unless it is extended.
    package var expires: Instant
    /// When the handler began.
    package var began = Instant.distantPast
    /// When the handler is cancelled; stays when it has ended, until the message is settled or begins again.
    package var deadline = Instant.distantFuture
    /// When a handler that has been cancelled loses its lane.
    package var writeOff = Instant.distantFuture
    /// When a message that waits in its lane goes on.
    package var resume = Instant.distantFuture

    /// Enters a handler.
    mutating func begin(on runner: RunnerID, at now: Instant, deadline: Instant) {
        stage = .running
        run &+= 1
        self.runner = runner
        isDecided = false
        hasReplied = false
        warnings = 0
        cause = nil
        began = now
        self.deadline = deadline
        writeOff = .distantFuture
    }

    /// Leaves its handler, with a decision or without.
    mutating func end(deciding mustDecide: Bool) {
        stage = .ended
        runner = .nobody
        writeOff = .distantFuture
        if mustDecide { status = .deciding }
        isDecided = true
    }

    /// When it is told next that its handler runs for long: after a while, and then each time after twice as long.
    func nextWarning(after pause: Duration) -> Instant {
        began + pause * (1 << Int(warnings))
    }

    /// What is left of its wait for a retry in place; zero when it waits for none.
    func pause(now: Instant) -> Duration {
        resume > now && resume < .distantFuture ? resume - now : .zero
    }

    /// Whether the delivery has come to its settlement while its handler still runs.
    var isOverForHandler: Bool {
        guard isDecided, stage == .running else { return false }
        return switch status {
        case .held, .deciding: false
        case .settled, .lost, .missing: true
        }
    }

    /// Whether the handler should have ended, or what was decided should have been carried out.
    func isOverdue(now: Instant) -> Bool {
        deadline <= now && (stage == .running || status == .deciding)
    }

    /// Whether nobody needs the slot any more.
    var isOver: Bool {
        guard stage == .ended else { return false }
        return switch status {
        case .held, .deciding: false
        case .settled, .lost, .missing: true
        }
    }
}
