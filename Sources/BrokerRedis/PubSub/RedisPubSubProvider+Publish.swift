// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

/// Station "append": messages are sent to all current subscribers.
extension RedisPubSubProvider {
    /// Publishes messages by one PUBLISH or SPUBLISH each, all in one write; each fails alone. A message without subscribers is no
    /// failure, except in a reserved stream, which exists as long as it has subscribers.
    ///
    /// Waits for an unreachable server until the connect timeout has passed; then nothing was published.
    ///
    /// - Parameter batch: The messages, and how long they have waited.
    /// - Returns: one result for each message, in order. The ids are those of this process; each receiver gives a
    ///   message its own id.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        guard !batch.entries.isEmpty else { return [] }
        do throws(BrokerError) {
            let patience = PublishPatience(batch, options.connection, at: clock.now)
            return try await bodyLimit.store(
                batch.entries, overhead: LiveEnvelope.usualOverhead, size: LiveEnvelope.size(of:)
            ) { () throws(BrokerError) in
                try await connection(for: RedisRoutes(.anyNode), patience)
            } by: { entries throws(BrokerError) in
                try await send(entries, patience)
            }
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    /// Whether the reply to a publish tells how many listen: a node of a cluster counts its own listeners only.
    private var knowsListeners: Bool {
        if case .cluster = options.connection.url.place { false } else { true }
    }

    private func connection(
        for routes: RedisRoutes, _ patience: PublishPatience
    ) async throws(BrokerError) -> RedisConnection {
        do throws(RedisError) {
            return try await publishing.connection(
                for: routes, retryingFor: patience.connectLimit(at: clock.now))
        } catch {
            throw BrokerError(error, "publish")
        }
    }

    private func send(
        _ entries: [PublishBatch.Entry], _ patience: PublishPatience
    ) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>] {
        var commands = RedisCommands(capacity: entries.reduce(0) { $0 + $1.message.payload.count + 96 })
        for entry in entries {
            names.beginPublish(to: entry.stream, in: &commands)
            LiveEnvelope.encode(entry.message).withUnsafeBytes { commands.add($0) }
        }
        let connection = try await connection(for: commands.routes, patience)
        let limit = try patience.replyLimit(at: clock.now)
        let replies: RedisReplies
        do throws(RedisError) {
            replies = try await connection.submit(commands, timeout: limit).replies()
        } catch {
            throw BrokerError(error, "publish")
        }
        let timestamp = clock.timestamp
        return ids.withLock { ids in
            zip(entries, replies).map { entry, reply in
                if let error = reply.error {
                    return .failure(names.failure(RedisError(error), "publish to '\(entry.stream)'"))
                }
                if entry.stream.isReserved, reply.integer == 0, knowsListeners {
                    return .failure(BrokerError(.undeclaredStream, "nobody listens to '\(entry.stream)' any more"))
                }
                return .success(PublishReceipt(id: ids.next(at: timestamp)))
            }
        }
    }
}

/// Ids for messages that get none from the server: the time, and a number within the millisecond.
struct LocalIDs: Sendable {
    private var last = MessageID.zero

    /// Returns the next id. Ids rise even if the wall clock is set back.
    mutating func next(at timestamp: Timestamp) -> MessageID {
        let fresh = MessageID(milliseconds: UInt64(clamping: timestamp.milliseconds), sequence: 0)
        last = fresh > last ? fresh : last.next ?? last
        return last
    }
}
