// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import RedisWire
import Synchronization

/// Station "fetch": one poll is a sweep, if one is due, and then a read, which may block.
extension RedisSubscription {
    /// Polls once. Waits for new messages only if no sweep was due or the sweep found nothing.
    func pollOnce(into buffer: inout ReceiveBuffer, until deadline: Instant) async throws(BrokerError) {
        try await prepare()
        try await readLost(&buffer)
        guard buffer.isEmpty else { return }
        try await passOverIdle()
        let suspects = buffer.suspects
        let now = clock.now
        if state.withLock({ $0.memberships.isSweepDue(at: now, suspects: suspects) }) {
            if LeaseQuota(room: buffer.room).isByTurns {
                try await takeTurns(&buffer)
            } else {
                try await takeShares(&buffer)
            }
        }
        if buffer.isEmpty { try await read(&buffer, until: deadline) }
    }

    /// Sweeps for the shares of expired and due messages, and reads new messages into the rest of the room. A second
    /// sweep may take the room that new messages leave.
    private func takeShares(_ buffer: inout ReceiveBuffer) async throws(BrokerError) {
        let quota = LeaseQuota(room: buffer.room)
        let limits = SweepLimits(
            expired: quota.share(of: .expired), due: quota.share(of: .due), suspects: buffer.suspects)
        try await sweep(limits, into: &buffer, alongside: true)
        guard !buffer.isEmpty, buffer.room > 0 else { return }
        let rest = limitsOfRest(buffer)
        if !rest.isEmpty { try await sweep(rest, into: &buffer) }
    }

    /// What a second sweep may lease from the sources that have more.
    private func limitsOfRest(_ buffer: ReceiveBuffer) -> SweepLimits {
        let now = clock.now
        let (hasExpired, hasDue) = state.withLock { state in
            let memberships = state.memberships.filter { $0.isReadable(at: now) }
            return (
                memberships.contains { $0.sweep.isExpiryCheckDue(at: now, suspects: buffer.suspects) },
                memberships.contains { now >= $0.sweep.nextRetry }
            )
        }
        let rest = LeaseQuota(room: buffer.room).evenly(hasExpired: hasExpired, hasDue: hasDue)
        return SweepLimits(expired: rest.expired, due: rest.due, suspects: buffer.suspects)
    }

    private func takeTurns(_ buffer: inout ReceiveBuffer) async throws(BrokerError) {
        state.withLock { $0.turns.begin() }
        while buffer.room > 0, let source = state.withLock({ $0.turns.next() }) {
            let before = buffer.room
            switch source {
            case .new: try await readAtOnce(1, into: &buffer)
            case .expired:
                try await sweep(SweepLimits(expired: 1, due: 0, suspects: buffer.suspects), into: &buffer)
            case .due: try await sweep(SweepLimits(expired: 0, due: 1, suspects: 0), into: &buffer)
            }
            if buffer.room < before { state.withLock { $0.turns.served() } }
        }
    }
}

/// What one call of `receive` has collected, and how much more it may take.
package struct ReceiveBuffer: Sendable {
    /// How many more messages it may take.
    package private(set) var room: Int
    /// How many more suspects it may take.
    package private(set) var suspects: Int
    /// Whether the call waited for messages. Then its duration says nothing about the connection.
    package var hasWaited = false
    /// What it has collected.
    package private(set) var received = Received()

    /// - Parameter limit: How many messages may be leased at a time, even if more are requested.
    package init(_ request: ReceiveRequest, limit: Int = .max) {
        room = max(0, min(request.limit, limit))
        suspects = max(0, request.suspects)
    }

    /// Whether there is nothing yet: no message, and no missing entry to report.
    package var isEmpty: Bool { received.messages.isEmpty && received.missing.isEmpty }

    /// The total size of the bodies.
    package var byteCount: Int {
        received.messages.indices.reduce(0) { $0 + received.messages[$1].message.size }
    }

    /// Adds leased messages.
    package mutating func take(_ messages: [InboundMessage]) {
        room = max(0, room - messages.count)
        suspects -= messages.indices.count { messages[$0].isSuspect }
        if received.messages.isEmpty { received.messages = messages } else { received.messages += messages }
    }

    /// Adds entries that were pending and no longer exist in their stream.
    package mutating func report(missing entries: [MissingEntry]) {
        received.missing += entries
    }
}
