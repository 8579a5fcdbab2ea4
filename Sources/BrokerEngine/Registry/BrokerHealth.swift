// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// How a broker is.
public struct BrokerHealth: Sendable, Hashable {
    /// A broker's condition in a word. Closed by design: dashboards have a colour for each.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// It serves, and nothing fails.
        case healthy
        /// It serves, but some calls fail and are repeated.
        case degraded
        /// It does not serve.
        case down
    }

    /// The broker's name in the configuration.
    public var broker: BrokerName
    /// The name of its provider.
    public var provider: String
    /// Its condition.
    public var status: Status
    /// Whether it should be given traffic: nothing that consumers need is failing.
    public var isReady: Bool
    /// When this condition was first seen; a condition is looked at when somebody asks.
    public var since: Timestamp
    /// Why, a sentence for each reason; empty when nothing is wrong.
    public var reasons: [String]
    /// More of what the backend tells about itself, by name; what it cannot tell is missing.
    public var details: [String: String]

    /// Makes a report; the registry does, and tests of what reads it.
    public init(
        broker: BrokerName, provider: String, status: Status, isReady: Bool, since: Timestamp, reasons: [String] = [],
        details: [String: String] = [:]
    ) {
        self.broker = broker
        self.provider = provider
        self.status = status
        self.isReady = isReady
        self.since = since
        self.reasons = reasons
        self.details = details
    }
}
