// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// A write to a provider.
public struct PublishedEvent: Sendable, Hashable {
    /// The broker that was written to.
    public var broker: BrokerName
    /// How many messages were stored.
    public var stored: Int
    /// How many were there already, by their ids, and were not stored again.
    public var duplicates: Int
    /// How many of those that were stored or there already were not confirmed in time by as many replicas as their
    /// streams ask for.
    public var underReplicated: Int
    /// How many could not be stored, or not for certain.
    public var failed: Int
    /// How long the write took.
    public var duration: Duration

    /// Makes an event; the engine does, and tests of observers.
    public init(
        broker: BrokerName, stored: Int, duplicates: Int = 0, underReplicated: Int = 0, failed: Int, duration: Duration
    ) {
        self.broker = broker
        self.stored = stored
        self.duplicates = duplicates
        self.underReplicated = underReplicated
        self.failed = failed
        self.duration = duration
    }

    /// Counts the result of one message.
    mutating func count(_ result: Result<PublishReceipt, BrokerError>) {
        guard let receipt = result.receipt else { return failed += 1 }
        if receipt.isDuplicate { duplicates += 1 } else { stored += 1 }
        if case .failure = result { underReplicated += 1 }
    }
}
