// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The log as a model: what another provider did is held against what it allows, and done here, too.
extension MemoryLog {
    /// What is pending in a group, as far as it can be told from outside.
    package struct Pending: Sendable, Hashable {
        /// The entry.
        package var id: MessageID
        /// Who holds it; `nil` while it waits for its time.
        package var holder: ConsumerName?
        /// The fencing token of its last lease.
        package var token: UInt64
        /// When it was leased or extended last; of what waits, when it is due.
        package var time: Instant
    }

    /// How many consumers are known by name.
    package var knownConsumers: Int { consumers.count }

    /// The pending list of a group in the order of the stream; `nil` when there is no such group.
    package func pending(in group: GroupName, of stream: StreamName) -> [Pending]? {
        guard let path = path(of: group, in: stream) else { return nil }
        let names = Dictionary(uniqueKeysWithValues: consumers.map { ($0.value, $0.key) })
        return streams[path.stream].groups[path.group].pending.entries.map { entry in
            Pending(
                id: entry.id, holder: entry.isHeld ? names[entry.owner] : nil, token: entry.token,
                time: Instant(nanoseconds: entry.time))
        }
    }

    /// The entries that a group has not been given, in the order of the stream; `nil` when there is no such group.
    package func unread(by group: GroupName, of stream: StreamName) -> [MessageID]? {
        guard let path = path(of: group, in: stream) else { return nil }
        let entries = streams[path.stream].entries
        let unread = streams[path.stream].groups[path.group].unread(in: entries)
        return unread.compactMap { place in
            entries.entry(from: place).flatMap { $0.ordinal == place ? $0.id : nil }
        }
    }

    /// Leases these entries and no others, whether their time has come or not; what is gone is reported and settled.
    ///
    /// New ones among them must be the first that the group has not been given.
    package mutating func lease(_ ids: Set<MessageID>, subscription number: Int, at time: MemoryTime) -> Received {
        guard let subscription = subscriptions[number] else { return Received() }
        revive(subscription)
        var intake = Intake(ReceiveRequest(limit: ids.count, wait: .zero), by: subscription.holder, at: time.now)
        for path in subscription.paths { streams[path.stream].lease(ids, in: path.group, into: &intake) }
        return intake.received
    }

    /// Acknowledges an entry, whatever the epoch.
    package mutating func acknowledge(_ id: MessageID, in group: GroupName, of stream: StreamName) {
        guard let path = path(of: group, in: stream) else { return }
        let receipt = Receipt(
            stream: stream, id: id, epoch: streams[path.stream].groups[path.group].epoch, token: FencingToken.first)
        _ = streams[path.stream].groups[path.group].acknowledge(receipt)
    }

    func path(of group: GroupName, in stream: StreamName) -> Subscription.Path? {
        guard let place = place(of: stream), let member = streams[place].place(of: group),
            streams[place].groups[member].exists
        else { return nil }
        return Subscription.Path(stream: place, group: member)
    }
}

extension MemoryStream {
    fileprivate mutating func lease(_ ids: Set<MessageID>, in place: Int, into intake: inout Intake) {
        let known = groups[place].pending.positions.filter { position in
            let entry = groups[place].pending[position]
            return entry.state != .settled && ids.contains(entry.id)
        }
        for position in known {
            let isParked = groups[place].pending[position].state == .parked
            _ = groups[place].takeOver(position, isParked ? .retry : .expired, of: name, entries, into: &intake)
        }
        groups[place].pending.dropSettled()
        let new = groups[place].unread(in: entries).count { ordinal in
            entries.entry(from: ordinal).map { $0.ordinal == ordinal && ids.contains($0.id) } ?? false
        }
        _ = groups[place].leaseNew(new, of: name, entries, into: &intake)
    }
}
