// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What a call of `receive` chose, held against what there was to choose from.
///
/// Which of several messages a consumer is given is its provider's affair within bounds; so is when leases that have
/// run out are noticed, within a third of the visibility timeout.
struct Choice {
    /// What was there before the call.
    let stream: StreamState
    /// The group of it.
    let group: GroupState
    /// What was asked for.
    let request: ReceiveRequest
    /// The visibility timeout, in milliseconds.
    let visibility: Int64
    /// The time, in milliseconds since 1970.
    let now: Int64
    /// How long something may be there without being noticed, in milliseconds.
    let patience: Int64
    /// Entries that may come whenever they like.
    let loose: Set<MessageID>

    /// Checks what was given: nothing that was not there, no more than asked for, and of each source its share.
    func check(_ received: Received) throws(Difference) {
        let ids = received.messages.map(\.receipt.id)
        if Set(ids).count < ids.count { throw Difference("given twice: \(ids)") }
        if ids.count > request.limit { throw Difference("given \(ids.count) of \(request.limit)") }
        let suspects = received.messages.count(where: \.isSuspect)
        if suspects > request.suspects { throw Difference("given \(suspects) suspects") }
        for message in received.messages { try checkOrigin(message) }
        try checkMissing(received)
        try checkOrder(received)
        try checkShares(received, suspects)
    }

    private var entries: Set<MessageID> { Set(stream.entries.map(\.id)) }

    private func pending(_ id: MessageID) -> PendingState? { group.pending.first { $0.id == id } }

    /// Since when a pending entry may be leased, in milliseconds since 1970.
    private func time(_ line: PendingState) -> Int64 {
        if line.holder != nil { return line.since + visibility }
        if loose.contains(line.id) { return .min }
        return group.due.first { $0.member == DueLine.member(of: line.id) }?.time ?? .max
    }

    private func checkOrigin(_ message: InboundMessage) throws(Difference) {
        let id = message.receipt.id
        let isThere: Bool
        switch (message.origin, pending(id)) {
        case (.new, nil): isThere = group.unread.contains(id)
        case (.expired, let line?): isThere = line.holder != nil && time(line) <= now
        case (.retry, let line?): isThere = line.holder == nil && time(line) <= now
        default: isThere = false
        }
        if !isThere { throw Difference("\(id) was given as \(message.origin), and is \(pending(id).debugDescription)") }
    }

    private func checkMissing(_ received: Received) throws(Difference) {
        let entries = entries
        for id in received.missing.map(\.id) {
            guard let line = pending(id), !entries.contains(id), time(line) <= now else {
                throw Difference("\(id) was reported as missing")
            }
        }
    }

    /// New ones come in order and none is left out; retries come by their time.
    private func checkOrder(_ received: Received) throws(Difference) {
        let new = received.messages.filter { $0.origin == .new }.map(\.receipt.id)
        if !group.unread.starts(with: new) { throw Difference("new \(new) of \(group.unread)") }
        let taken = Set(received.messages.map(\.receipt.id) + received.missing.map(\.id))
        let due = owed(0) { $0.holder == nil && !loose.contains($0.id) }
        let times = due.filter { taken.contains($0.id) }.map(time)
        let left = due.filter { !taken.contains($0.id) }.map(time)
        if let last = times.max(), let first = left.min(), first < last {
            throw Difference("a retry was left that is due before one that was given")
        }
    }

    /// Pending entries that have been there for so long, and whose message still is.
    private func owed(_ patience: Int64, where isMeant: (PendingState) -> Bool) -> [PendingState] {
        let entries = entries
        return group.pending.filter { isMeant($0) && entries.contains($0.id) && time($0) <= now - patience }
    }

    private func checkShares(_ received: Received, _ suspects: Int) throws(Difference) {
        let counts = Dictionary(grouping: received.messages, by: \.origin).mapValues(\.count)
        let isSuspect = { (line: PendingState) in line.token % 1_000_000 >= 2 }
        let expired = owed(patience) { $0.holder != nil }
        let innocent = expired.count { !isSuspect($0) }
        // One that is gone may have taken the place of a suspect.
        let allowed = received.missing.isEmpty ? request.suspects : 0
        let owed = [
            InboundMessage.Origin.new: group.unread.count,
            .expired: innocent + min(allowed, expired.count - innocent),
            .retry: self.owed(patience) { $0.holder == nil && !loose.contains($0.id) }.count,
        ]
        let free = request.limit - received.messages.count - received.missing.count
        // With fewer than three places the sources take turns.
        let share = request.limit < 3 ? 0 : (request.limit + 3) / 4
        let rest = request.limit < 3 ? 0 : request.limit - 2 * share
        let shares = [InboundMessage.Origin.new: rest, .expired: share, .retry: share]
        for (origin, count) in owed {
            let isOwedAll = free > 0 && (origin == .new || LegalDifferences.isFull(received, request, patience))
            let least = isOwedAll ? count : min(count, shares[origin] ?? 0) - received.missing.count
            if counts[origin, default: 0] < min(least, request.limit) {
                throw Difference("\(counts) given, \(owed) were there, \(request.limit) asked for")
            }
        }
    }
}
