// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A decision about a leased message.
public struct Settlement: Sendable {
    /// What is to be done. Closed by design: a provider carries out every one of them.
    public enum Action: Sendable {
        /// The message is done.
        case ack
        /// Another attempt after the delay; counts, and gives the lease up.
        case retry(after: Duration)
        /// Another attempt by the same holder; counts, and keeps the lease: a retry in place.
        case renew
        /// Back to the group after the delay, as if it had not been tried; does not count.
        case release(after: Duration)
        /// Store it among the dead letters and remove it from the group, as one verb.
        case deadLetter(DeadLetterNote)
        /// Publish these, each to its stream, and remove it from the group, as one verb; with none it is an ack.
        case forward([PublishBatch.Entry])
    }

    /// The lease that is being settled.
    public var receipt: Receipt
    /// What is to be done about its message.
    public var action: Action

    /// Makes a settlement.
    public init(_ receipt: Receipt, _ action: Action) {
        self.receipt = receipt
        self.action = action
    }
}

extension Settlement.Action {
    /// Publish these to one stream and remove the settled message from the group, as one verb.
    public static func forward(_ messages: [Message], to stream: StreamName) -> Settlement.Action {
        .forward(messages.map { PublishBatch.Entry(stream: stream, message: $0) })
    }
}

/// What became of a settlement or an extension. Closed by design: the engine acts on each.
public enum SettlementOutcome: Sendable {
    /// It was carried out.
    case done
    /// It was carried out, and the lease goes on under this receipt.
    case renewed(Receipt)
    /// Another consumer holds the lease.
    case lost
    /// The entry is no longer pending: settled before, by this consumer or another.
    case settled
    /// The entry is no longer in the stream.
    case missing
    /// It could not be carried out; the decision stays in hand and is sent again later.
    case refused(BrokerError)
}
