// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The bodies of what a sweep has leased.
extension RedisSubscription {
    /// Asks for the bodies by the connection for reads: heartbeats must not wait behind what may be long.
    func submitReads(of claims: [Claim]) throws(BrokerError) -> PendingReplies? {
        if claims.isEmpty { return nil }
        do throws(RedisError) {
            return try reader.submit(reads(of: claims[...]))
        } catch {
            throw BrokerError(error, action)
        }
    }

    private func reads(of claims: ArraySlice<Claim>) -> RedisCommands {
        var commands = RedisCommands(capacity: claims.count * 96)
        for claim in claims {
            commands.begin(4, "XRANGE", for: .key(claim.membership.key))
            commands.add(claim.membership.key)
            for _ in 0..<2 { commands.add(claim.lease.id.milliseconds, claim.lease.id.sequence) }
        }
        return commands
    }

    /// Takes the bodies. Where they did not arrive together they are asked for again, fewer at a time: what is leased
    /// has used an attempt.
    func takeBodies(
        of claims: [Claim], _ pending: PendingReplies, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) {
        do throws(RedisError) {
            take(try await pending.replies(), of: claims[...], into: &buffer)
        } catch {
            guard error.isLostAnswer else { throw BrokerError(error, action) }
            state.withLock { $0.batchSizer.shrink() }
            do throws(RedisError) {
                try await takeBodies(of: claims[...], by: max(1, claims.count / 2), into: &buffer)
            } catch {
                throw BrokerError(error, action)
            }
        }
    }

    /// Takes bodies so many at a time, and fewer when these are too many. One that does not arrive alone stays leased.
    private func takeBodies(
        of claims: ArraySlice<Claim>, by count: Int, into buffer: inout ReceiveBuffer
    ) async throws(RedisError) {
        var (rest, count) = (claims, count)
        while !rest.isEmpty {
            let part = rest.prefix(count)
            try await reader.open()
            do throws(RedisError) {
                take(try await reader.read(reads(of: part)), of: part, into: &buffer)
                rest = rest.dropFirst(part.count)
            } catch {
                guard error.isLostAnswer else { throw error }
                if part.count == 1 { rest = rest.dropFirst() }
                count = max(1, count / 2)
            }
        }
    }

    /// An entry without a body was deleted behind the sweep, so it leaves the pending list here.
    private func take(_ replies: RedisReplies, of claims: ArraySlice<Claim>, into buffer: inout ReceiveBuffer) {
        var messages: [InboundMessage] = []
        var gone: [Claim] = []
        for (claim, reply) in zip(claims, replies) where reply.error == nil {
            let (stream, epoch) = (claim.membership.stream, claim.membership.epoch)
            if let message = ReadReply.message(reply, of: stream, epoch: epoch, claim.lease, claim.origin) {
                messages.append(message)
            } else {
                gone.append(claim)
            }
        }
        buffer.take(messages)
        guard !gone.isEmpty else { return }
        buffer.report(missing: gone.map { MissingEntry(stream: $0.membership.stream, id: $0.lease.id) })
        forget(gone)
    }

    /// Removes what is gone from the pending list; should that fail, the next sweep finds it again.
    private func forget(_ gone: [Claim]) {
        var commands = RedisCommands()
        for claim in gone {
            commands.begin(4, "XACK", for: .key(claim.membership.key))
            commands.add(claim.membership.key)
            commands.add(member.group.text)
            commands.add(claim.lease.id.milliseconds, claim.lease.id.sequence)
        }
        _ = try? reader.submit(commands)
    }
}

extension RedisError {
    /// Whether the connection was lost while an answer was owed, as it is when the answer is too large for the server's
    /// output buffer.
    var isLostAnswer: Bool { code == .connection && effect == .unknown }
}
