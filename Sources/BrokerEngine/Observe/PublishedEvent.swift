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
    /// How many could not be stored, or not for certain.
    public var failed: Int
    /// How long the write took.
    public var duration: Duration

    /// Makes an event; the engine does, and tests of observers.
    public init(broker: BrokerName, stored: Int, failed: Int, duration: Duration) {
        self.broker = broker
        self.stored = stored
        self.failed = failed
        self.duration = duration
    }
}
