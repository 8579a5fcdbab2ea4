// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What is done about one lease, in the words of the scripts. Closed by design.
package enum LeaseVerb: Sendable {
    /// The entry leaves the pending list.
    case ack
    /// The lease is given up under this token until the delay is over.
    case park(token: UInt64, delay: Duration)
    /// The lease begins anew under this token: the same one, or the next for a retry in place.
    case extend(token: UInt64)
    /// The lease is made again under this token if somebody has taken it away.
    case restore(token: UInt64)
    /// The entry is stored among the dead letters.
    case bury(DeadLetterNote)
    /// The messages are stored in their streams in place of the entry.
    case forward([PublishBatch.Entry])

    /// The token under which the lease goes on; `nil` where it does not.
    var token: UInt64? {
        switch self {
        case .extend(let token), .restore(let token): token
        case .ack, .park, .bury, .forward: nil
        }
    }

    package init(_ settlement: Settlement) {
        let token = settlement.receipt.token
        switch settlement.action {
        case .ack: self = .ack
        case .retry(let delay): self = .park(token: token, delay: delay)
        case .release(let delay): self = .park(token: token + FencingToken.refund, delay: delay)
        case .renew: self = .extend(token: token + 1)
        case .deadLetter(let note): self = .bury(note)
        case .forward(let entries): self = .forward(entries)
        }
    }
}
