// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to say how a backend is.
public protocol HealthReporting: BrokerProvider {
    /// How the backend is now; answers within the provider's command timeout and never throws.
    func health() async -> ProviderHealth
}

/// How a backend is. A detail that it cannot tell is missing, never invented.
public struct ProviderHealth: Sendable, Hashable {
    /// Whether it can serve now.
    public var isReady: Bool
    /// Why it cannot, or what is noteworthy although it can; empty when there is nothing to say.
    public var reason: String
    /// More of what the backend tells about itself, by name (`ping-time`, `server-version`).
    public var details: [String: String]

    /// Makes a report.
    public init(isReady: Bool, reason: String = "", details: [String: String] = [:]) {
        self.isReady = isReady
        self.reason = reason
        self.details = details
    }
}

/// The optional ability to say where the backend is.
public protocol AddressReporting: BrokerProvider {
    /// Where the backend is, in one line and without users or passwords; known before anything connects.
    var address: String { get }
}

/// The optional ability to count what streams hold.
public protocol StatisticsReporting: BrokerProvider {
    /// Counts the streams that exist and match; a stream that does not exist is left out.
    func statistics(of selection: StreamSelection) async throws(BrokerError) -> [StreamStatistics]
}

/// What a stream holds. What is not known is `nil`, never 0.
public struct StreamStatistics: Sendable, Hashable {
    /// What a group has before it.
    public struct Group: Sendable, Hashable {
        /// The group.
        public var name: GroupName
        /// Entries leased or waiting for a retry: delivered and not settled.
        public var pending: Int?
        /// Of the pending ones, those that wait for a retry.
        public var parked: Int?
        /// Entries that the group has never been given.
        public var lag: Int?
        /// How long ago the oldest pending entry was stored.
        public var oldestPendingAge: Duration?
        /// Consumers that have a subscription in the group.
        public var consumers: Int?

        /// Makes a count; what is not given is not known.
        public init(
            name: GroupName, pending: Int? = nil, parked: Int? = nil, lag: Int? = nil,
            oldestPendingAge: Duration? = nil, consumers: Int? = nil
        ) {
            self.name = name
            self.pending = pending
            self.parked = parked
            self.lag = lag
            self.oldestPendingAge = oldestPendingAge
            self.consumers = consumers
        }
    }

    /// The stream.
    public var stream: StreamName
    /// How many entries it has.
    public var length: Int?
    /// Its groups, by name.
    public var groups: [Group]

    /// Makes a count.
    public init(stream: StreamName, length: Int?, groups: [Group]) {
        self.stream = stream
        self.length = length
        self.groups = groups
    }
}

/// The optional ability to say who consumes.
///
/// The engine asks it for groups with an order, which holds within one consumer only, and warns when there are others.
public protocol ConsumerReporting: BrokerProvider {
    /// The consumers of a group that have done something within the last `period`, as far as the backend can tell.
    ///
    /// Of a pattern, those of any of its streams. Nobody is named who cannot be alive.
    func consumers(
        of group: GroupName, on selection: StreamSelection, activeWithin period: Duration
    ) async throws(BrokerError) -> Set<ConsumerName>
}
