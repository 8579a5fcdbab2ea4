// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// The counts of a group. What the broker does not know is `null`, never 0.
public struct GroupReport: Sendable, Hashable, Codable {
    /// The broker of its stream.
    public var broker: String
    /// The stream.
    public var stream: String
    /// The group.
    public var group: String
    /// Entries that were never delivered to it.
    @OrNull public var lag: Int?
    /// Entries that were delivered and are not settled.
    @OrNull public var pending: Int?
    /// Those of the pending entries that wait for a retry.
    @OrNull public var waitingForRetry: Int?
    /// The age of the oldest pending entry.
    @OrNull public var oldestPendingAgeMilliseconds: Int64?
    /// Consumers that have a subscription.
    @OrNull public var consumers: Int?
    /// How long the handler has been running that runs longest, where the broker shows it.
    @OrNull public var oldestHandlerMilliseconds: Int64?
    /// Whether the configuration declares it.
    public var isDeclared: Bool
    /// Whether the broker has it.
    public var exists: Bool
}

extension GroupReport {
    /// Makes a report on a group that exists.
    init(_ group: StreamStatistics.Group, of counted: CountedStream) {
        broker = counted.broker.name.text
        stream = counted.statistics.stream.text
        self.group = group.name.text
        lag = group.lag
        pending = group.pending
        waitingForRetry = group.parked
        oldestPendingAgeMilliseconds = group.oldestPendingAge?.wholeMilliseconds
        consumers = group.consumers
        oldestHandlerMilliseconds = group.oldestHandler?.running.wholeMilliseconds
        isDeclared = counted.declaredGroups.contains(group.name)
        exists = true
    }

    /// Makes a report on a group that is declared and does not exist.
    init(missing group: GroupName, of counted: CountedStream) {
        self.init(StreamStatistics.Group(name: group), of: counted)
        exists = false
    }
}

extension CountedStream {
    /// The groups that exist, and those that are declared and do not, by name.
    var groupReports: [GroupReport] {
        let present = Set(statistics.groups.map(\.name))
        let missing = declaredGroups.filter { !present.contains($0) }
        let reports =
            statistics.groups.map { GroupReport($0, of: self) } + missing.map { GroupReport(missing: $0, of: self) }
        return reports.sorted { $0.group < $1.group }
    }
}

/// Groups of streams: ``Operations/groups(of:on:)`` and ``Operations/lag(on:)``.
public struct GroupsReport: Sendable, Hashable, Codable {
    /// The version of this form.
    public var schemaVersion = 1
    /// The groups.
    public var groups: [GroupReport]

    /// Makes a report.
    public init(groups: [GroupReport]) {
        self.groups = groups
    }
}

/// One group: ``Operations/group(_:of:on:)``.
public struct GroupDetailReport: Sendable, Hashable, Codable {
    /// The version of this form.
    public var schemaVersion = 1
    /// Its counts.
    public var group: GroupReport
    /// The message whose handler has been running longest, where the broker shows it.
    @OrNull public var oldestHandlerMessage: String?
    /// The consumer of that handler.
    @OrNull public var oldestHandlerConsumer: String?
}
