// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The log as a model of another provider: tests compare what that provider did with what the log allows, and repeat it
/// here.
extension MemoryLog {
    /// A pending entry of a group, as it can be seen from outside.
    package struct Pending: Sendable, Hashable {
        /// The entry.
        package var id: MessageID
        /// The consumer that holds it; `nil` while it waits for its time.
        package var holder: ConsumerName?
        /// The fencing token of its last lease.
        package var token: UInt64
        /// When it was leased or extended last; for an entry that waits, when it is due.
        package var time: Instant
    }

    /// How many consumers are known by name.
    package var knownConsumers: Int { consumers.count }

    /// Returns the pending list of a group in the order of the stream; `nil` if there is no such group.
    package func pending(in group: GroupName, of stream: StreamName) -> [Pending]? {
        guard let path = path(of: group, in: stream) else { return nil }
        let names = Dictionary(uniqueKeysWithValues: consumers.map { ($0.value, $0.key) })
        return streams[path.stream].groups[path.group].pending.entries.map { entry in
            Pending(
                id: entry.id, holder: entry.isHeld ? names[entry.owner] : nil, token: entry.token,
                time: Instant(nanoseconds: entry.time))
        }
    }

    /// Returns the entries that a group has not received, in the order of the stream; `nil` if there is no such group.
    package func unread(by group: GroupName, of stream: StreamName) -> [MessageID]? {
        guard let path = path(of: group, in: stream) else { return nil }
        let entries = streams[path.stream].entries
        let unread = streams[path.stream].groups[path.group].unread(in: entries)
        return unread.compactMap { place in
            entries.entry(from: place).flatMap { $0.ordinal == place ? $0.id : nil }
        }
    }

    /// Leases exactly these entries, whether or not they are due. Missing ones are reported and settled.
    ///
    /// New ones among them must be the first that the group has not received.
    package mutating func lease(_ ids: Set<MessageID>, subscription number: Int, at time: MemoryTime) -> Received {
        guard let subscription = subscriptions[number] else { return Received() }
        revive(subscription)
        var intake = Intake(ReceiveRequest(limit: ids.count, wait: .zero), by: subscription.holder, at: time.now)
        for path in subscription.paths { streams[path.stream].lease(ids, in: path.group, into: &intake) }
        return intake.received
    }

    /// Acknowledges an entry in any epoch.
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
