// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// All in which the server may do otherwise than the model, each with its reason. What is not here must be equal.
///
/// Besides these: the sorted set after somebody meddled with it (``LooseIndex``).
enum LegalDifferences {
    /// Receipts have epochs of each side's own: the server's follow its clock, so that they rise also after it has
    /// forgotten everything.
    ///
    /// A dead letter has an id of each side's own. Of an ack `done` and `settled` are one: XACK answers how many there were, not which.
    static func outcome(_ outcome: SettlementOutcome, of action: Settlement.Action?) -> String {
        switch (outcome, action) {
        case (.settled, .ack?): "done"
        case (.deadLettered, _): "dead-lettered"
        case (.renewed(let receipt), _): "renewed to \(receipt.token)"
        case (.refused(let error), _): "refused: \(error.code)"
        default: "\(outcome)"
        }
    }

    /// A server that has lost everything does not know that a group was there: whoever joins makes it as one that never
    /// was. The model remembers its groups.
    static func start(_ start: Call.Beginning, hasFlushed: Bool) -> StartPosition {
        start == .latest && !hasFlushed ? .latest : .earliest
    }

    /// A consumer finds out by one call that its group is gone, and makes it again by a later one; by the next, unless
    /// that happens more than once in a few seconds. The model makes it again at once.
    static let longestRest = Duration.milliseconds(1100)

    /// XACK knows no epochs: those of acks are compared by the consumer, which learns of a new one when it next looks for
    /// messages. Until then its acks of the old one are taken. They name the same messages, unless the server has lost
    /// everything and gives the same ids again.
    static let acksAcrossEpochs = true

    /// What sources leave of a call the others get by halves, so a call may give less than there is and was asked for;
    /// not nothing, though, and not where sources take turns. What is gone takes the place of a message. The model, which
    /// is not patient, fills each call.
    static func isFull(_ received: Received, _ request: ReceiveRequest, _ patience: Int64) -> Bool {
        patience == 0 || (received.missing.isEmpty && (request.limit < 3 || received.messages.isEmpty))
    }

    /// A consumer that renews a lease which it has lost and got back since: on the server that is the renewal repeated,
    /// of which the answer was lost. It answers the lease that the consumer has, and lets that begin anew.
    static let renewsWhatItHas = true

    /// What was pending where a trim has passed counts as lost, also what somebody else had deleted before.
    static func isTrimmed(_ found: MaintenanceReport, _ expected: MaintenanceReport, deleted: Int) -> Bool {
        found.trimmed + found.lost == expected.trimmed + expected.lost
            && (expected.lost...expected.lost + deleted).contains(found.lost)
    }

    /// Of groups that need the same entry, either may be named.
    static func held(_ held: [MaintenanceReport.Held]) -> Set<String> {
        Set(held.map { "\($0.stream): \($0.excess)" })
    }
}
