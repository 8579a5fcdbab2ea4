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
    /// Waits for an unreachable server, or for a node of a cluster that has the slot, until the connect timeout has
    /// passed; then nothing was stored.
    ///
    /// - Parameter batch: The messages, and how long they have waited.
    /// - Returns: one result for each message, in order.
    public func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        guard !batch.entries.isEmpty else { return [] }
        guard let replicating else { return await publish(batch, by: publishing) }
        return await publish(batch, by: publishing, waitingBy: replicating)
    }

    /// Stores messages over the connections of one router.
    func publish(_ batch: PublishBatch, by router: RedisRouter) async -> [Result<PublishReceipt, BrokerError>] {
        do throws(BrokerError) {
            return try await store(batch, by: router)
        } catch {
            return batch.entries.map { _ in .failure(error) }
        }
    }

    private func store(
        _ batch: PublishBatch, by router: RedisRouter
    ) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>] {
        let patience = PublishPatience(batch, options.connection, at: clock.now)
        return try await bodyLimit.store(batch.entries, size: \.size) { entry in
            .key(keys.key(of: entry.stream))
        } asking: { () throws(BrokerError) in
            try await connection(of: router, for: RedisRoutes(.anyNode), patience)
        } by: { entries throws(BrokerError) in
            try await store(entries, by: router, patience)
        }
    }

    private func connection(
        of router: RedisRouter, for routes: RedisRoutes, _ patience: PublishPatience
    ) async throws(BrokerError) -> RedisConnection {
        let limit = patience.connectLimit(at: clock.now)
        return try await connection(of: router, for: routes, to: "publish", within: limit)
    }

    private func store(
        _ entries: [PublishBatch.Entry], by router: RedisRouter, _ patience: PublishPatience
    ) async throws(BrokerError) -> [Result<PublishReceipt, BrokerError>] {
        let plan = plan(for: entries)
        let connection: RedisConnection
        let (stored, once): (PendingReplies?, PendingScripts?)
        do throws(BrokerError) {
            connection = try await self.connection(of: router, for: plan.routes, patience)
            (stored, once) = try submit(plan, on: connection, patience)
        } catch {
            state.withLock { $0.targets.forget(plan.newcomers) }
            throw error
        }
        // What may be sent again, or to another node, must be answered before its replicas are asked for.
        let asked = once == nil && reading == nil ? plan.wait.map { ask($0, on: connection, patience) } : nil
        let (results, errors) = plan.results(await Self.replies(stored), await Self.replies(once))
        for error in errors { connection.react(to: error) }
        guard let wait = plan.wait, results.contains(where: { (try? $0.get()) != nil }) else { return results }
        let writer = writer([stored?.carrier(of: wait.key), once?.carrier(of: wait.key)], on: connection)
        let confirmed = asked ?? writer.flatMap { ask(wait, on: $0, patience) }
        return await confirm(results, of: entries, confirmed, wait, on: connection)
    }

    /// Sends the commands and the calls; the calls are behind the commands.
    ///
    /// The connection to a cluster is always open. So what its nodes have certainly not carried out is sent again for as
    /// long as a connection to one server would be waited for.
    private func submit(
        _ plan: PublishPlan, on connection: RedisConnection, _ patience: PublishPatience
    ) throws(BrokerError) -> (PendingReplies?, PendingScripts?) {
        let now = clock.now
        let (limit, connecting) = (try patience.replyLimit(at: now), patience.connectLimit(at: now))
        do throws(RedisError) {
            let stored =
                plan.commands.count > 0
                ? try connection.submit(plan.commands, timeout: limit, patience: connecting) : nil
            guard let calls = plan.calls else { return (stored, nil) }
            return (stored, try connection.submit(calls, timeout: limit, patience: connecting))
        } catch {
            throw BrokerError(error, "publish")
        }
    }

    private static func replies(_ pending: PendingReplies?) async -> Result<RedisReplies?, BrokerError> {
        guard let pending else { return .success(nil) }
        return await pending.result().map { $0 }.mapError { BrokerError($0, "publish") }
    }

    private static func replies(_ pending: PendingScripts?) async -> Result<[RedisReply], BrokerError> {
        guard let pending else { return .success([]) }
        do throws(RedisError) {
            return .success(try await pending.replies())
        } catch {
            return .failure(BrokerError(error, "publish"))
        }
    }

    /// Makes the commands for messages, and behind them the SADD of the streams that may not be in the set. The reply to
    /// SADD is not read. If it was refused, a later message tries again; patterns also look at all keys.
    private func plan(for entries: [PublishBatch.Entry]) -> PublishPlan {
        let now = clock.now
        var plan = PublishPlan(entries) { stream in
            state.withLock { $0.targets.target(for: stream, at: now, makeTarget(for:)) }
        }
        addToSet(plan.newcomers, in: &plan.commands)
        return plan
    }
}

/// In a cluster each node is a place.
extension RedisStreamsProvider: StreamPlacing {
    /// Whether the broker is on a cluster.
    public var hasPlaces: Bool { reading != nil }

    /// Returns a number that stands for the node that has the stream.
    public func place(of stream: StreamName) -> Int {
        let key = state.withLock { $0.targets.known(stream)?.key } ?? keys.key(of: stream)
        return publishing.openConnection(for: RedisRoutes(.key(key)))?.nodeNumber(of: key) ?? 0
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
