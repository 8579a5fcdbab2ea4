// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// How many entries were trimmed: those that every group had settled, and others.
struct TrimmedEntries: Sendable {
    /// Settled ones.
    var settled = 0
    /// Unsettled ones.
    var lost = 0

    /// Adds a count to another.
    static func += (left: inout TrimmedEntries, right: TrimmedEntries) {
        left.settled += right.settled
        left.lost += right.lost
    }
}

/// Bounds.
extension MemoryStream {
    /// Writes the floor of each group: everything before it is settled.
    mutating func writeFloors() {
        for place in groups.indices where groups[place].exists { groups[place].floor = groups[place].unsettled }
    }

    /// Trims what exceeds the bounds: all of it with `cap`; with `hold`, what no group needs any more. Returns the
    /// group that holds the rest, if there is a rest.
    mutating func trim(
        _ policy: RetentionPolicy, declared: [GroupName], at timestamp: Timestamp
    ) -> MaintenanceReport.Held? {
        let goal = goal(of: policy, at: timestamp)
        guard goal > entries.first else { return nil }
        guard policy.mode == .hold else {
            trimmed += cut(to: goal)
            return nil
        }
        let (bound, group) = hold(declared: declared)
        trimmed += cut(to: min(goal, bound))
        let excess = entries.count(in: max(bound, entries.first)..<max(goal, bound, entries.first))
        return excess > 0 ? MaintenanceReport.Held(stream: name, group: group, excess: excess) : nil
    }

    /// Removes everything before an ordinal.
    mutating func cut(to ordinal: Int) -> TrimmedEntries {
        let doubtful = max(entries.first, groups.lazy.filter(\.exists).map(\.unsettled).min() ?? ordinal)
        let lost = (doubtful..<max(doubtful, ordinal)).count { place in
            entries.contains(place) && groups.contains { $0.needs(place) }
        }
        return TrimmedEntries(settled: entries.trim(to: ordinal) - lost, lost: lost)
    }

    /// Returns the ordinal of the first entry that is within the bounds.
    private func goal(of policy: RetentionPolicy, at timestamp: Timestamp) -> Int {
        var goal = entries.first
        if let length = policy.maximumLength { goal = entries.ordinal(keepingNewest: length) }
        if let age = policy.maximumAge {
            let oldest = timestamp.milliseconds.subtractingSaturating(age.millisecondsRoundedUp)
            goal = max(goal, entries.ordinal(from: MessageID(milliseconds: UInt64(clamping: oldest), sequence: 0)))
        }
        return goal
    }

    /// Returns the ordinal of the first entry that must stay, and the group that needs it or is missing.
    private func hold(declared: [GroupName]) -> (bound: Int, group: GroupName?) {
        let existing = groups.filter(\.exists)
        if let missing = declared.first(where: { name in !existing.contains { $0.name == name } }) {
            return (entries.first, missing)
        }
        guard let slowest = existing.min(by: { $0.unsettled < $1.unsettled }) else { return (entries.first, nil) }
        return (slowest.unsettled, slowest.name)
    }
}
