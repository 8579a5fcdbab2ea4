// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A decision about a leased message.
public struct Settlement: Sendable {
    /// What to do with a message. Closed by design: a provider carries out each.
    public enum Action: Sendable {
        /// The message is done.
        case ack
        /// Tries the message again after the delay, by any consumer. The attempt counts, and the lease ends.
        case retry(after: Duration)
        /// Tries the message again by the same consumer: a retry in place. The attempt counts, and the lease goes on.
        case renew
        /// Returns the message to the group after the delay, as if it had not been tried. The attempt does not count.
        case release(after: Duration)
        /// Stores the message as a dead letter and removes it from the group, as one verb.
        case deadLetter(DeadLetterNote)
        /// Publishes these messages, each to its stream, and removes the message from the group, as one verb. Without
        /// any it is an ack.
        case forward([PublishBatch.Entry])
    }

    /// The lease that is being settled.
    public var receipt: Receipt
    /// What to do with its message.
    public var action: Action

    /// Makes a settlement.
    public init(_ receipt: Receipt, _ action: Action) {
        self.receipt = receipt
        self.action = action
    }
}

extension Settlement.Action {
    /// Publishes these messages to one stream and removes the settled message from the group, as one verb.
    public static func forward(_ messages: [Message], to stream: StreamName) -> Settlement.Action {
        .forward(messages.map { PublishBatch.Entry(stream: stream, message: $0) })
    }
}

/// The outcome of a settlement or an extension. Closed by design: the engine acts on each.
public enum SettlementOutcome: Sendable {
    /// It was carried out.
    case done
    /// It was carried out, and the lease goes on with this receipt.
    case renewed(Receipt)
    /// It was carried out, and the dead letter has this id in its stream. A provider that does not know the id returns
    /// ``done``.
    case deadLettered(MessageID)
    /// Another consumer holds the lease.
    case lost
    /// The entry is not pending any more: this consumer or another one has settled it.
    case settled
    /// The entry is not in the stream any more.
    case missing
    /// It could not be carried out. The engine sends it again later.
    case refused(BrokerError)
}
