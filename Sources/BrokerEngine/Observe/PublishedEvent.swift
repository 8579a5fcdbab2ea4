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
    /// How many could not be stored, or not for certain.
    public var failed: Int
    /// How long the write took.
    public var duration: Duration

    /// Makes an event; the engine does, and tests of observers.
    public init(broker: BrokerName, stored: Int, duplicates: Int = 0, failed: Int, duration: Duration) {
        self.broker = broker
        self.stored = stored
        self.duplicates = duplicates
        self.failed = failed
        self.duration = duration
    }

    /// Counts the result of one message.
    mutating func count(_ result: Result<PublishReceipt, BrokerError>) {
        switch result {
        case .success(let receipt) where receipt.isDuplicate: duplicates += 1
        case .success: stored += 1
        case .failure: failed += 1
        }
    }
}
