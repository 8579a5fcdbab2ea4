// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// A batch of settlements with their outcomes.
public struct SettledEvent: Sendable {
    /// What was done about a message. Closed by design: it follows the verdict.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Acknowledged.
        case ack
        /// To be tried again, parked or in place.
        case retry
        /// Handed back without counting.
        case release
        /// Stored among the dead letters.
        case deadLetter
        /// Given up without a dead letter.
        case discard
        /// Forwarded to another stream.
        case forward
    }

    /// What became of it.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// It was carried out.
        case done
        /// The message had been settled before; after an unknown outcome that means done.
        case settled
        /// Another consumer held the lease; nothing was changed.
        case lost
        /// The entry was gone from its stream.
        case missing
        /// The provider refused it for now.
        case refused
        /// Nobody knows yet: who waited for it was cancelled, or the consumer ended before the provider had replied.
        case unknown
    }

    /// One settlement.
    public struct Entry: Sendable, Hashable {
        /// The lease that was settled.
        public var receipt: Receipt
        /// What was done.
        public var kind: Kind
        /// What became of it.
        public var outcome: Outcome
        /// The number of the attempt that was settled, from 1.
        public var attempt: Int
        /// How long the handler ran until this was decided; zero for what was never run.
        public var handling: Duration
        /// Why the attempt failed, and what follows from that; `nil` for everything that did not fail.
        public var failure: AttemptFailure?

        /// Makes an entry; the engine does, and tests of observers.
        public init(
            receipt: Receipt, kind: Kind, outcome: Outcome, attempt: Int, handling: Duration = .zero,
            failure: AttemptFailure? = nil
        ) {
            self.receipt = receipt
            self.kind = kind
            self.outcome = outcome
            self.attempt = attempt
            self.handling = handling
            self.failure = failure
        }
    }

    /// Who consumes.
    public var consumer: ConsumerIdentity
    /// The settlements, in the order in which they were decided.
    public var entries: [Entry] {
        didSet { isAllAcknowledged = false }
    }
    /// Whether it is known that every message was handled and acknowledged. Spares a look at each entry.
    private(set) var isAllAcknowledged: Bool

    /// Makes an event; the engine does, and tests of observers.
    public init(consumer: ConsumerIdentity, entries: [Entry]) {
        self.init(consumer: consumer, entries: entries, isAllAcknowledged: false)
    }

    init(consumer: ConsumerIdentity, entries: [Entry], isAllAcknowledged: Bool) {
        self.consumer = consumer
        self.entries = entries
        self.isAllAcknowledged = isAllAcknowledged
    }
}

extension SettledEvent: Hashable {
    /// Returns whether both have the same settlements of the same consumer.
    public static func == (left: SettledEvent, right: SettledEvent) -> Bool {
        left.consumer == right.consumer && left.entries == right.entries
    }

    /// Hashes the consumer and the settlements.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(consumer)
        hasher.combine(entries)
    }
}
