// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Reads again what the server sent in a reply that was lost.
///
/// No handler has begun these messages, so they keep their first attempt, and they need not wait until their leases run
/// out. What is not found here, such as messages that a lost connection was given later, is left to the sweep.
extension RedisSubscription {
    /// The most streams in one write, so that the server is not held up.
    private static let streamsAtOnce = 128
    /// The most entries of one stream at a time; the script that extends leases takes no more.
    private static let entriesAtOnce = 256

    /// Takes the messages of lost replies, as far as there is room.
    func readLost(_ buffer: inout ReceiveBuffer) async throws(BrokerError) {
        while buffer.room > 0 {
            let gaps = state.withLock { $0.lostReads.gaps(atMost: Self.streamsAtOnce) }
            if gaps.isEmpty { return }
            let leases = try await leases(of: gaps, atMost: min(buffer.room, Self.entriesAtOnce))
            guard !leases.isEmpty, let pending = try submitReads(of: leases) else { continue }
            try await takeBodies(of: leases, pending, into: &buffer)
        }
    }

    /// Returns what the consumer holds of the lost replies; its leases begin anew.
    private func leases(of gaps: [LostReads.Gap], atMost room: Int) async throws(BrokerError) -> [LeasedID] {
        let memberships = state.withLock { state in
            gaps.map { gap in state.memberships.position(of: gap.stream).map { state.memberships[$0] } }
        }
        var queries = RedisCommands(capacity: 160 * gaps.count)
        for case (let gap, let membership?) in zip(gaps, memberships) {
            addQuery(gap, membership, atMost: room, to: &queries)
        }
        var replies = queries.count == 0 ? nil : try await provider.ask(queries, to: action).makeIterator()
        var found: [(receipt: Receipt, membership: Membership)] = []
        for (gap, membership) in zip(gaps, memberships) {
            guard var membership, let lines = replies?.next(), let epoch = replies?.next() else {
                state.withLock { $0.lostReads.forget(gap.stream) }
                continue
            }
            membership.epoch = EpochQuery.epoch(epoch) ?? membership.epoch
            found += receipts(in: lines, of: gap, membership, atMost: room - found.count).map { ($0, membership) }
        }
        let outcomes = try await extend(found.map(\.receipt))
        return zip(found, outcomes).compactMap { lease, outcome in
            guard case .done = outcome else { return nil }
            let id = SweepReply.Lease(id: lease.receipt.id, token: lease.receipt.token)
            return LeasedID(membership: lease.membership, lease: id, origin: .new)
        }
    }

    private func addQuery(
        _ gap: LostReads.Gap, _ membership: Membership, atMost count: Int, to commands: inout RedisCommands
    ) {
        commands.begin(7, "XPENDING", for: .key(membership.key))
        for part in [membership.key, member.group.text, gap.last.map { "(\($0)" } ?? "-", "+"] { commands.add(part) }
        commands.add(count)
        commands.add(member.nameOnServer)
        EpochQuery.add(membership, to: &commands)
    }

    /// Returns the entries of a gap that were delivered once and no longer ago than the lost read was sent.
    private func receipts(
        in lines: RedisReply, of gap: LostReads.Gap, _ membership: Membership, atMost room: Int
    ) -> [Receipt] {
        let age = gap.age(at: clock.now)
        let listed = lines.elements.compactMap { line -> (id: MessageID, isLost: Bool)? in
            guard let id = line.elements[0].flatMap({ EntryDecoder.id($0) }) else { return nil }
            let isRecent = (line.elements[2]?.integer).map { $0 <= age } ?? false
            return (id, isRecent && line.elements[3]?.integer == Int(FencingToken.first))
        }
        let taken = listed.prefix(max(0, room))
        let hasMore = lines.error == nil && (listed.count > taken.count || listed.count >= max(1, room))
        state.withLock { $0.lostReads.found(gap, upTo: taken.last?.id, hasMore: hasMore) }
        return taken.filter(\.isLost).map {
            Receipt(stream: membership.stream, id: $0.id, epoch: membership.epoch, token: FencingToken.first)
        }
    }
}
