// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The optional ability to report the health of a backend.
public protocol HealthReporting: BrokerProvider {
    /// Returns the health of the backend, within the provider's command timeout. It never throws.
    func health() async -> ProviderHealth
}

/// The health of a backend. Details that the backend cannot tell are missing.
public struct ProviderHealth: Sendable, Hashable {
    /// Whether the backend can serve now.
    public var isReady: Bool
    /// Why the backend cannot serve, or what is noteworthy although it can; empty if there is nothing to say.
    public var reason: String
    /// Further details, by name: `ping-time`, `server-version`.
    public var details: [String: String]

    /// Makes a report.
    public init(isReady: Bool, reason: String = "", details: [String: String] = [:]) {
        self.isReady = isReady
        self.reason = reason
        self.details = details
    }
}

/// The optional ability to report the address of a backend.
public protocol AddressReporting: BrokerProvider {
    /// The address of the backend, in one line and without users or passwords. It is known before the provider
    /// connects.
    var address: String { get }
}

/// The optional ability to count the entries of streams and groups.
public protocol StatisticsReporting: BrokerProvider {
    /// Returns the counts of all streams that exist and match.
    func statistics(of selection: StreamSelection) async throws(BrokerError) -> [StreamStatistics]
}

/// The counts of a stream and its groups. An unknown count is `nil`, never 0.
public struct StreamStatistics: Sendable, Hashable {
    /// The counts of a group.
    public struct Group: Sendable, Hashable {
        /// The group.
        public var name: GroupName
        /// Entries that were delivered and are not settled: leased, or waiting for a retry.
        public var pending: Int?
        /// The pending entries that wait for a retry.
        public var parked: Int?
        /// Entries that were never delivered to the group.
        public var lag: Int?
        /// The age of the oldest pending entry.
        public var oldestPendingAge: Duration?
        /// Consumers that have a subscription in the group.
        public var consumers: Int?
        /// The handler that has been running longest: of this process, or one of another process that runs for longer
        /// than `warn-after` where the backend shows it. `nil` if there is none.
        public var oldestHandler: RunningHandler?

        /// Makes counts. A count that is not given is unknown.
        public init(
            name: GroupName, pending: Int? = nil, parked: Int? = nil, lag: Int? = nil,
            oldestPendingAge: Duration? = nil, consumers: Int? = nil, oldestHandler: RunningHandler? = nil
        ) {
            self.name = name
            self.pending = pending
            self.parked = parked
            self.lag = lag
            self.oldestPendingAge = oldestPendingAge
            self.consumers = consumers
            self.oldestHandler = oldestHandler
        }
    }

    /// The stream.
    public var stream: StreamName
    /// How many entries it has.
    public var length: Int?
    /// Its groups, by name.
    public var groups: [Group]

    /// Makes counts.
    public init(stream: StreamName, length: Int?, groups: [Group]) {
        self.stream = stream
        self.length = length
        self.groups = groups
    }
}

/// A handler that runs.
public struct RunningHandler: Sendable, Hashable {
    /// The group of its consumer.
    public var group: GroupName
    /// Its consumer.
    public var consumer: ConsumerName
    /// The stream of its message.
    public var stream: StreamName
    /// The id of its message.
    public var message: MessageID
    /// How long it has been running.
    public var running: Duration

    /// Makes a description.
    public init(group: GroupName, consumer: ConsumerName, stream: StreamName, message: MessageID, running: Duration) {
        self.group = group
        self.consumer = consumer
        self.stream = stream
        self.message = message
        self.running = running
    }
}

/// The optional ability of a subscription to show on the backend which handler has been running longest, so that other
/// processes and tools see it.
public protocol HandlerReporting: BrokerSubscription {
    /// Shows a handler that runs for longer than `warn-after`, the oldest of its consumer, in its group.
    ///
    /// The engine calls it with each heartbeat while there is one, and once more when it is over. Of several consumers
    /// the group shows the oldest handler.
    ///
    /// - Parameters:
    ///   - handler: The handler.
    ///   - isOver: Whether it is not to be shown any more.
    ///   - lifetime: After this time it is not shown any more unless it is reported again.
    func report(_ handler: RunningHandler, isOver: Bool, for lifetime: Duration) async throws(BrokerError)
}

/// The optional ability to name the consumers of a group.
///
/// An order holds within one consumer only. For groups with an order, the engine asks for other consumers and warns if
/// there are any.
public protocol ConsumerReporting: BrokerProvider {
    /// Returns the consumers of a group that were active within the last `period`, as far as the backend can tell.
    ///
    /// For a pattern, these are the consumers of any of its streams. A consumer that cannot be alive is never returned.
    func consumers(
        of group: GroupName, on selection: StreamSelection, activeWithin period: Duration
    ) async throws(BrokerError) -> Set<ConsumerName>
}
