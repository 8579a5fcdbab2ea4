// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

/// Station "append": messages become entries.
extension RedisStreamsProvider {
    /// Stores messages by one XADD each, all in one write; each fails alone.
    ///
    /// Waits for an unreachable server until the connect timeout has passed; then nothing was stored.
    ///
    /// - Parameter batch: The messages, and how long they have waited.
    /// - Returns: one result for each message, in order.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        guard !batch.entries.isEmpty else { return [] }
        do throws(BrokerError) {
            return try await store(batch)
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    private func store(_ batch: PublishBatch) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>] {
        let patience = PublishPatience(batch, options.connection, at: clock.now)
        return try await bodyLimit.store(batch.entries, size: \.size) { () throws(BrokerError) in
            try await connection(for: RedisRoutes(.anyNode), patience)
        } by: { entries throws(BrokerError) in
            try await store(entries, patience)
        }
    }

    private func connection(
        for routes: RedisRoutes, _ patience: PublishPatience
    ) async throws(BrokerError) -> RedisConnection {
        let limit = patience.connectLimit(at: clock.now)
        return try await connection(of: publishing, for: routes, to: "publish", within: limit)
    }

    private func store(
        _ entries: [PublishBatch.Entry], _ patience: PublishPatience
    ) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>] {
        let (commands, newcomers) = commands(for: entries)
        let (connection, replies): (RedisConnection, RedisReplies)
        do throws(BrokerError) {
            (connection, replies) = try await send(commands, patience)
        } catch {
            state.withLock { $0.targets.forget(newcomers) }
            throw error
        }
        var results: [Result<PublishReceipt, BrokerError>] = []
        results.reserveCapacity(entries.count)
        var rest = replies.makeIterator()
        for entry in entries {
            guard let reply = rest.next() else { break }
            results.append(result(of: reply, for: entry.stream))
            if let error = reply.error { await react(to: error, on: connection) }
        }
        // The reply to SADD comes behind these. If it was refused, a later message tries again; patterns also look at
        // all keys.
        return results
    }

    private func send(
        _ commands: RedisCommands, _ patience: PublishPatience
    ) async throws(BrokerError) -> (RedisConnection, RedisReplies) {
        let connection = try await connection(for: commands.routes, patience)
        let limit = try patience.replyLimit(at: clock.now)
        do throws(RedisError) {
            return (connection, try await connection.submit(commands, timeout: limit).replies())
        } catch {
            throw BrokerError(error, "publish")
        }
    }

    /// Makes one XADD for each entry, and behind them the SADD of the streams that may not be in the set.
    private func commands(for entries: [PublishBatch.Entry]) -> (RedisCommands, newcomers: [StreamName]) {
        var commands = RedisCommands(capacity: entries.reduce(0) { $0 + $1.message.size + 96 })
        commands.keepsOrder = true
        var newcomers: [StreamName] = []
        var last: (stream: StreamName, target: PublishTarget)?
        let now = clock.now
        for entry in entries {
            if last?.stream != entry.stream {
                let (target, isDue) = state.withLock { $0.targets.target(for: entry.stream, at: now, makeTarget(for:)) }
                // The consumer adds a reserved stream, so that none stays when the consumer is gone.
                if isDue, !entry.stream.isReserved { newcomers.append(entry.stream) }
                last = (entry.stream, target)
            }
            guard let target = last?.target else { continue }
            EntryEncoder.append(
                entry.message, to: target.key, keepingNewest: target.bound, mustExist: entry.stream.isReserved,
                in: &commands)
        }
        addToSet(newcomers, in: &commands)
        return (commands, newcomers)
    }

    private func result(of reply: RedisReply, for stream: StreamName) -> Result<PublishReceipt, BrokerError> {
        if let error = reply.error { return .failure(BrokerError(error, "publish to '\(stream)'")) }
        if let id = EntryDecoder.id(reply) { return .success(PublishReceipt(id: id)) }
        if stream.isReserved, reply.kind == .null {
            return .failure(BrokerError(.undeclaredStream, "there is no stream '\(stream)' any more"))
        }
        let error = RedisError(.malformedReply, "XADD did not return an id", effect: .unknown)
        return .failure(BrokerError(error, "publish to '\(stream)'"))
    }
}

/// Where forwarding is one step: a single server takes any keys in one script, a cluster only keys of one slot.
extension RedisStreamsProvider: ForwardLimiting {
    /// Returns whether all streams lie on a server that is no cluster, or in one slot of a cluster, and the server
    /// takes the bodies.
    ///
    /// The check of the server has told whether it is a cluster; a server that does not tell counts as one.
    public func canForward(_ entries: [PublishBatch.Entry], from stream: StreamName) -> Bool {
        let limit = bodyLimit.last
        guard entries.allSatisfy({ $0.message.size <= limit }) else { return false }
        if state.withLock({ $0.isCluster }) == false { return true }
        let tag = RedisSlot.tag(of: keys.key(of: stream))
        return entries.allSatisfy { RedisSlot.tag(of: keys.key(of: $0.stream)) == tag }
    }
}
