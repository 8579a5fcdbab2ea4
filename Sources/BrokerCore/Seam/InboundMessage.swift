// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A message leased to a consumer.
public struct InboundMessage: Sendable {
    /// Why a message was leased. Closed by design.
    public enum Origin: Sendable, Hashable {
        /// It came to the group for the first time.
        case new
        /// A retry or release asked for it, and its time had come.
        case retry
        /// The lease of whoever held it ran out.
        case expired
    }

    /// The proof of the lease, by which the message is settled and extended.
    public var receipt: Receipt
    /// What was published.
    public var message: Message
    /// The number of this attempt, from 1; leasing counts, releasing refunds.
    public var attempt: Int
    /// How often the message has been released.
    public var releases: Int
    /// Why it was leased.
    public var origin: Origin

    /// Makes a leased message; only providers do.
    public init(receipt: Receipt, message: Message, attempt: Int, releases: Int = 0, origin: Origin) {
        self.receipt = receipt
        self.message = message
        self.attempt = attempt
        self.releases = releases
        self.origin = origin
    }

    /// Whether the message may be what ended its last holder: its lease ran out during its second or a later attempt.
    ///
    /// A consumer holds at most one suspect, so that a message that kills its process takes no neighbours along.
    public var isSuspect: Bool { origin == .expired && attempt > 2 }
}
