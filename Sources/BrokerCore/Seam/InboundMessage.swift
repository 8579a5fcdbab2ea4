// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A message that is leased to a consumer.
public struct InboundMessage: Sendable {
    /// Why a message was leased. Closed by design.
    public enum Origin: Sendable, Hashable {
        /// The group receives it for the first time.
        case new
        /// A retry or a release was due.
        case retry
        /// The lease of its last holder expired.
        case expired
    }

    /// The proof of the lease, with which the message is settled and extended.
    public var receipt: Receipt
    /// What was published.
    public var message: Message
    /// The number of this attempt, from 1. A lease counts as an attempt, and a release takes it back.
    public var attempt: Int
    /// How often the message has been released.
    public var releases: Int
    /// Why it was leased.
    public var origin: Origin

    /// Makes a leased message. Only providers do this.
    public init(receipt: Receipt, message: Message, attempt: Int, releases: Int = 0, origin: Origin) {
        self.receipt = receipt
        self.message = message
        self.attempt = attempt
        self.releases = releases
        self.origin = origin
    }

    /// Whether the message is a suspect: it may have crashed its last consumer, because its lease expired during its
    /// second or a later attempt.
    ///
    /// A consumer holds at most one suspect, so that a message that kills its process takes no other with it.
    public var isSuspect: Bool { origin == .expired && attempt > 2 }
}
