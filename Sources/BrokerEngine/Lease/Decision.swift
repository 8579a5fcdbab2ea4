// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What was decided about a message in hand, on its way to the provider.
package struct Decision: Sendable {
    /// Where the message is held.
    package var slot: Slot
    /// The receipt at the time of the decision; a newer one may take its place before it is sent.
    package var receipt: Receipt
    /// What the provider is asked to do.
    package var action: Settlement.Action
    /// For a retry in place: how long the message waits in its lane.
    package var resumeAfter: Duration?
    /// Whether the acknowledgement stands for a message that was given up without a dead letter.
    package var isDiscard: Bool
    /// Whether the acknowledgement stands for a message in whose place others are stored already.
    package var isForwarded: Bool
    /// Why the attempt failed; `nil` if it did not.
    package var failure: AttemptFailure?
    /// The number of the attempt, from 1.
    package var attempt: Int
    /// How long the handler ran; zero for what was never run.
    package var handling: Duration
    /// How often the provider has refused it.
    package var refusals: UInt8 = 0

    package init(
        slot: Slot, receipt: Receipt, verdict: Verdict, attempt: Int, handling: Duration = .zero
    ) {
        self.slot = slot
        self.receipt = receipt
        action = verdict.action
        resumeAfter = verdict.resumeAfter
        isDiscard = verdict.isDiscard
        isForwarded = verdict.isForwarded
        failure = verdict.failure
        self.attempt = attempt
        self.handling = handling
    }

    /// Whether it can only be carried out under its lease.
    var needsLease: Bool { if case .ack = action { false } else { true } }

    /// Hands back a message that nobody runs.
    package init(handingBack withdrawn: LeaseTable.Withdrawn) {
        self.init(
            slot: withdrawn.slot, receipt: withdrawn.receipt, verdict: Verdict(.release(after: withdrawn.pause)),
            attempt: withdrawn.attempt)
    }
}
