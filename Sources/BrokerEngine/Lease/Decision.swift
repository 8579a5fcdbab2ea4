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
    /// What is to be done about the message.
    package let verdict: Verdict
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
        self.verdict = verdict
        self.attempt = attempt
        self.handling = handling
    }

    /// What the provider is asked to do.
    package var action: Settlement.Action { verdict.action }

    /// Whether it can only be carried out under its lease.
    var needsLease: Bool { if case .ack = action { false } else { true } }

    /// Hands back a message that nobody runs.
    package init(handingBack withdrawn: LeaseTable.Withdrawn) {
        self.init(
            slot: withdrawn.slot, receipt: withdrawn.receipt, verdict: Verdict(.release(after: withdrawn.pause)),
            attempt: withdrawn.attempt)
    }
}
