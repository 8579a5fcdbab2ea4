// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// One stream: its entries and the groups that read them.
struct MemoryStream: Sendable {
    /// Its name.
    let name: StreamName
    /// Its declared bounds.
    let retention: RetentionPolicy
    /// Whether it is a stream of the framework.
    let isReserved: Bool
    /// Whether it exists: a message was published, or a consumer subscribed.
    var exists = false
    /// Its entries.
    var entries = EntryList()
    /// The ids of publishes that it remembers.
    var known = KnownIDs()
    /// Its groups. A group never changes its place in this list.
    var groups: [MemoryGroup] = []
    /// The readers outside of groups that wait for its next entry.
    var readers: [Int] = []
    /// How many subscriptions name the stream itself, not a pattern.
    var namedSubscriptions = 0
    /// Entries that were trimmed by `retention: cap` during publishing and are not reported yet.
    var trimmed = TrimmedEntries()

    /// Makes a stream that does not exist yet.
    init(name: StreamName, retention: RetentionPolicy) {
        self.name = name
        self.retention = retention
        isReserved = name.isReserved
    }

    /// Stores a message. Call ``finishAppending(_:)`` after the last one.
    mutating func append(
        _ message: Message, once deduplication: PublishBatch.Deduplication? = nil, at timestamp: Timestamp
    ) -> Result<PublishReceipt, BrokerError> {
        if let deduplication, let id = known.entry(of: deduplication.id, deduplication.policy, at: timestamp) {
            return .success(PublishReceipt(id: id, isDuplicate: true))
        }
        guard let id = entries.append(message, at: timestamp) else {
            return .failure(BrokerError(.server, "stream '\(name)' has used up its ids"))
        }
        if let deduplication { known.learn(deduplication.id, of: id, deduplication.policy, at: timestamp) }
        return .success(PublishReceipt(id: id))
    }

    /// Returns the place of a group; `nil` if it was never created.
    func place(of group: GroupName) -> Int? {
        groups.firstIndex { $0.name == group }
    }

    /// Returns the place of a group, which is created at `start` if it was never created.
    mutating func makeGroup(_ name: GroupName, from start: StartPosition) -> Int {
        let known = place(of: name)
        if let known, !groups[known].isForgotten {
            groups[known].revive()
            return known
        }
        var group =
            switch start {
            case .earliest: MemoryGroup(name: name, next: entries.first)
            case .latest: MemoryGroup(name: name, next: entries.end)
            case .after(let id): MemoryGroup(name: name, from: id.next ?? .maximum, in: entries)
            case .time(let time): MemoryGroup(name: name, from: MessageID(atTheEarliest: time), in: entries)
            }
        if let known {
            group.succeed(groups[known])
            groups[known] = group
            return known
        }
        groups.append(group)
        return groups.count - 1
    }

    /// Moves a group back to a position. Returns the id after which it reads now.
    mutating func rewind(_ place: Int, to start: StartPosition) -> MessageID {
        groups[place].rewind(to: start.firstID, in: entries)
        return entries.id(before: groups[place].next) ?? .zero
    }

    /// Removes every entry and keeps the groups. Returns how many entries there were.
    mutating func purge() -> Int {
        entries.trim(to: entries.end)
    }

    /// Trims to the bound of `retention: cap`, and wakes the calls that wait for the stored entries.
    mutating func finishAppending(_ wakes: inout [Int]) {
        if retention.mode == .cap, let length = retention.maximumLength, entries.count > length {
            trimmed += cut(to: entries.ordinal(keepingNewest: length))
        }
        wakes += readers
        readers.removeAll()
        for place in groups.indices { wakeForNew(in: place, &wakes) }
    }

    /// Wakes as many waiters of a group as its new entries need.
    mutating func wakeForNew(in place: Int, _ wakes: inout [Int]) {
        groups[place].wakeForNew(in: entries, &wakes)
    }
}

extension MessageID {
    /// The smallest id of that time.
    fileprivate init(atTheEarliest time: Timestamp) {
        self.init(milliseconds: UInt64(clamping: time.milliseconds), sequence: 0)
    }
}
