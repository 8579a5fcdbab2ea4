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
        /// Publish these to another stream and remove it from the group, as one verb.
        case forward([Message], to: StreamName)
    }

    /// The lease that is being settled.
    public var receipt: Receipt
    /// What is to be done.
    public var action: Action

    /// Makes a settlement.
    public init(_ receipt: Receipt, _ action: Action) {
        self.receipt = receipt
        self.action = action
    }
}

/// Why a message became a dead letter, as it is written beside it.
public struct DeadLetterNote: Sendable, Hashable {
    /// The reason in a word. Closed by design: tools select by it.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Every attempt failed.
        case attempts
        /// Its holders vanished so often that no attempt is left; it was not run again.
        case crashed
        /// Its body could not be decoded.
        case undecodable
        /// A handler rejected it.
        case rejected
    }

    /// The reason in a word.
    public var reason: Reason
    /// What the handler said, at most ``maximumErrorBytes`` long.
    public var error: String
    /// The attempts that were counted.
    public var attempts: Int

    /// A longer error text is cut here, at a character boundary.
    public static let maximumErrorBytes = 2048

    /// Makes a note; a long error text is cut.
    public init(reason: Reason, error: String, attempts: Int) {
        self.reason = reason
        self.attempts = attempts
        self.error = Self.cut(error)
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumErrorBytes else { return text }
        var bytes = 0
        return String(
            text.prefix { character in
                bytes += character.utf8.count
                return bytes <= maximumErrorBytes
            })
    }
}

/// What became of a settlement or an extension. Closed by design: the engine acts on each.
public enum Outcome: Sendable {
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
