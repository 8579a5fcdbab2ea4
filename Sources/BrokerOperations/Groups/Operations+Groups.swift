// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Looking at groups.
extension Operations {
    /// Returns the groups of one stream, or of all that are meant, by stream and name.
    ///
    /// - Parameters:
    ///   - stream: The stream; `nil` for every stream, those of dead letters left out.
    ///   - broker: The only broker that is meant; `nil` for all.
    /// - Throws: ``BrokerError/Code/undeclaredStream`` for a name that does not exist, and what providers throw.
    public func groups(of stream: StreamName? = nil, on broker: BrokerName? = nil) async throws(BrokerError)
        -> GroupsReport
    {
        if let stream { return GroupsReport(groups: try await count(stream, on: broker).groupReports) }
        var groups: [GroupReport] = []
        for broker in try brokers(broker) {
            groups += try await count(broker).filter { !$0.holdsDeadLetters }.flatMap(\.groupReports)
        }
        return GroupsReport(groups: groups)
    }

    /// Returns one group.
    ///
    /// - Throws: ``BrokerError/Code/undeclaredGroup`` if the stream has no such group, and what providers throw.
    public func group(
        _ group: GroupName, of stream: StreamName, on broker: BrokerName? = nil
    ) async throws(BrokerError) -> GroupDetailReport {
        let found = try await count(group, of: stream, on: broker)
        return GroupDetailReport(
            group: GroupReport(found.group, of: found.stream),
            oldestHandlerMessage: found.group.oldestHandler.map { "\($0.message)" },
            oldestHandlerConsumer: found.group.oldestHandler.map { "\($0.consumer)" })
    }

    /// Returns how far each group is behind, the farthest first. Groups that the broker does not have are left out.
    ///
    /// - Parameter broker: The only broker that is meant; `nil` for all.
    public func lag(on broker: BrokerName? = nil) async throws(BrokerError) -> GroupsReport {
        let groups = try await groups(on: broker).groups.filter(\.exists)
        return GroupsReport(groups: groups.sorted { $0.backlog > $1.backlog })
    }
}

extension GroupReport {
    /// What orders groups: everything that it still has to handle, then the age of the oldest pending entry.
    fileprivate var backlog: Backlog {
        Backlog(entries: (lag ?? 0) + (pending ?? 0), age: oldestPendingAgeMilliseconds ?? 0)
    }
}

private struct Backlog: Comparable {
    var entries: Int
    var age: Int64

    static func < (left: Backlog, right: Backlog) -> Bool {
        (left.entries, left.age) < (right.entries, right.age)
    }
}
