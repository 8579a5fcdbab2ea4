// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ReceiveRequest {
    /// Chooses what to lease, so that no source starves another. For providers that keep records.
    ///
    /// Expired and due messages may take a quarter of the limit each, rounded up, and each source may take what another
    /// leaves. The first source changes with `turn`, so that with a limit below 3 the sources take turns. There are
    /// no more suspects than the request allows.
    ///
    /// - Parameters:
    ///   - pending: The messages that the group has not settled.
    ///   - now: The time of the backend.
    ///   - turn: A number that rises by one with every call, from 0.
    /// - Returns: The messages to lease, in this order.
    public func choose(
        from pending: [MessageID: PendingRecord], at now: Timestamp, turn: Int
    ) -> [(id: MessageID, record: PendingRecord)] {
        let free = pending.filter { $0.value.due <= now }.map { (id: $0.key, record: $0.value) }
        let inOrder = free.sorted { ($0.record.due, $0.id) < ($1.record.due, $1.id) }
        let byState = Dictionary(grouping: inOrder, by: \.record.state)
        let held = byState[.held, default: []]
        let expired = held.filter(\.record.isSuspect).prefix(suspects) + held.filter { !$0.record.isSuspect }
        let queues: [LeaseSource: ArraySlice<(id: MessageID, record: PendingRecord)>] = [
            .expired: expired[...], .due: byState[.waiting, default: []][...], .new: byState[.new, default: []][...],
        ]
        let quota = LeaseQuota(room: limit)
        let shares = LeaseSource.allCases.map { queues[$0, default: []].prefix(quota.share(of: $0)) }
        let first = turn % shares.count
        let rest = LeaseQuota.orderOfTheRest.map { queues[$0, default: []].dropFirst(quota.share(of: $0)) }
        return Array((shares[first...] + shares[..<first] + rest).joined().prefix(limit))
    }
}
