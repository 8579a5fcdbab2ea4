// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// The bodies of the entries that a sweep has leased.
extension RedisSubscription {
    /// Sends the reads of the bodies over the connection for reads. The replies may be long, and heartbeats must not
    /// wait behind them.
    func submitReads(of leased: [LeasedID]) throws(BrokerError) -> PendingReplies? {
        if leased.isEmpty { return nil }
        do throws(RedisError) {
            return try reader.submit(reads(of: leased[...]))
        } catch {
            throw BrokerError(error, action)
        }
    }

    private func reads(of leased: ArraySlice<LeasedID>) -> RedisCommands {
        var commands = RedisCommands(capacity: leased.count * 96)
        for entry in leased {
            commands.begin(4, "XRANGE", for: .key(entry.membership.key))
            commands.add(entry.membership.key)
            for _ in 0..<2 { commands.add(entry.lease.id.milliseconds, entry.lease.id.sequence) }
        }
        return commands
    }

    /// Takes the bodies. If the replies were lost, reads the bodies again in smaller parts, because each lease has
    /// already used up an attempt.
    func takeBodies(
        of leased: [LeasedID], _ pending: PendingReplies, into buffer: inout ReceiveBuffer
    ) async throws(BrokerError) {
        do throws(RedisError) {
            take(try await pending.replies(), of: leased[...], into: &buffer)
        } catch {
            guard error.isLostReply else { throw BrokerError(error, action) }
            state.withLock { $0.batchSizer.shrink() }
            do throws(RedisError) {
                try await takeBodies(of: leased[...], by: max(1, leased.count / 2), into: &buffer)
            } catch {
                throw BrokerError(error, action)
            }
        }
    }

    /// Reads bodies in parts of that size, and halves the size after each lost reply. A body that does not arrive even
    /// alone stays leased.
    private func takeBodies(
        of leased: ArraySlice<LeasedID>, by count: Int, into buffer: inout ReceiveBuffer
    ) async throws(RedisError) {
        var (rest, count) = (leased, count)
        while !rest.isEmpty {
            let part = rest.prefix(count)
            try await reader.open()
            do throws(RedisError) {
                take(try await reader.read(reads(of: part)), of: part, into: &buffer)
                rest = rest.dropFirst(part.count)
            } catch {
                guard error.isLostReply else { throw error }
                if part.count == 1 { rest = rest.dropFirst() }
                count = max(1, count / 2)
            }
        }
    }

    /// Takes messages from the replies. An entry without a body was deleted after the sweep; it leaves the pending list
    /// here.
    private func take(_ replies: RedisReplies, of leased: ArraySlice<LeasedID>, into buffer: inout ReceiveBuffer) {
        var messages: [InboundMessage] = []
        var gone: [LeasedID] = []
        for (entry, reply) in zip(leased, replies) where reply.error == nil {
            let (stream, epoch) = (entry.membership.stream, entry.membership.epoch)
            if let message = ReadReply.message(reply, of: stream, epoch: epoch, entry.lease, entry.origin) {
                messages.append(message)
            } else {
                gone.append(entry)
            }
        }
        buffer.take(messages)
        guard !gone.isEmpty else { return }
        buffer.report(missing: gone.map { MissingEntry(stream: $0.membership.stream, id: $0.lease.id) })
        acknowledge(gone)
    }

    /// Removes deleted entries from the pending list. If that fails, the next sweep finds them again.
    private func acknowledge(_ gone: [LeasedID]) {
        var commands = RedisCommands()
        for entry in gone {
            commands.begin(4, "XACK", for: .key(entry.membership.key))
            commands.add(entry.membership.key)
            commands.add(member.group.text)
            commands.add(entry.lease.id.milliseconds, entry.lease.id.sequence)
        }
        _ = try? reader.submit(commands)
    }
}
