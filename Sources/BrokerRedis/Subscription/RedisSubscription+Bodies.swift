// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// The bodies of what a sweep has leased.
extension RedisSubscription {
    /// Asks for the bodies by the connection for reads: heartbeats must not wait behind what may be long.
    func submitReads(of claims: [Claim]) throws(BrokerError) -> PendingReplies? {
        if claims.isEmpty { return nil }
        var commands = RedisCommands(capacity: claims.count * 96)
        for claim in claims {
            commands.begin(4, "XRANGE")
            commands.add(claim.seat.key)
            for _ in 0..<2 { commands.add(claim.lease.id.milliseconds, claim.lease.id.sequence) }
        }
        do throws(RedisError) {
            return try reader.submit(commands)
        } catch {
            throw BrokerError(error, action)
        }
    }

    /// Takes the bodies. An entry without one was deleted behind the sweep, so it leaves the pending list here.
    func takeBodies(
        of claims: [Claim], _ pending: PendingReplies, into gathering: inout Gathering
    ) async throws(BrokerError) {
        let replies: RedisReplies
        do throws(RedisError) {
            replies = try await pending.replies()
        } catch {
            throw BrokerError(error, action)
        }
        var messages: [InboundMessage] = []
        var gone: [Claim] = []
        for (claim, reply) in zip(claims, replies) where reply.error == nil {
            let (stream, epoch) = (claim.seat.stream, claim.seat.epoch)
            if let message = ReadAnswer.message(reply, of: stream, epoch: epoch, claim.lease, claim.origin) {
                messages.append(message)
            } else {
                gone.append(claim)
            }
        }
        gathering.take(messages)
        guard !gone.isEmpty else { return }
        gathering.report(missing: gone.map { MissingEntry(stream: $0.seat.stream, id: $0.lease.id) })
        forget(gone)
    }

    /// Removes what is gone from the pending list; should that fail, the next sweep finds it again.
    private func forget(_ gone: [Claim]) {
        var commands = RedisCommands()
        for claim in gone {
            commands.begin(4, "XACK")
            commands.add(claim.seat.key)
            commands.add(member.group.text)
            commands.add(claim.lease.id.milliseconds, claim.lease.id.sequence)
        }
        _ = try? reader.submit(commands)
    }
}
