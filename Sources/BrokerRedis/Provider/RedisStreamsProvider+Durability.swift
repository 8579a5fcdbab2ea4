// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire
import Synchronization

/// Publishes that wait for replicas.
///
/// They have a connection of their own: a server that waits for its replicas holds up everything behind it on the same
/// connection. So neither other publishes nor settlements wait with them.
extension RedisStreamsProvider {
    /// What a message shares a write with.
    private enum Lane: Hashable {
        /// What waits for nobody.
        case plain
        /// What waits for the replicas of one node; on a cluster the slot stands for its node.
        case waiting(slot: Int)
    }

    /// Stores messages, those that wait for replicas apart from the others.
    ///
    /// - Parameters:
    ///   - batch: The messages.
    ///   - router: The connections for messages that wait for nobody.
    ///   - replicating: The connections for the others.
    /// - Returns: One result for each message, in order.
    func publish(
        _ batch: PublishBatch, by router: RedisRouter, waitingBy replicating: RedisRouter
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let lanes = Dictionary(grouping: batch.entries.indices) { lane(of: batch.entries[$0].stream) }
        if lanes.count == 1, let lane = lanes.keys.first {
            return await publish(batch, by: lane == .plain ? router : replicating)
        }
        return await withTaskGroup(of: ([Int], [Result<PublishReceipt, BrokerError>]).self) { group in
            for (lane, positions) in lanes {
                var part = batch
                part.entries = positions.map { batch.entries[$0] }
                group.addTask { [part] in
                    (positions, await self.publish(part, by: lane == .plain ? router : replicating))
                }
            }
            var results = [Result<PublishReceipt, BrokerError>?](repeating: nil, count: batch.entries.count)
            for await (positions, part) in group {
                for (position, result) in zip(positions, part) { results[position] = result }
            }
            return results.compactMap { $0 }
        }
    }

    private func lane(of stream: StreamName) -> Lane {
        let target = state.withLock { $0.targets.known(stream) } ?? makeTarget(for: stream)
        guard target.durability != nil else { return .plain }
        let isCluster = reading != nil || state.withLock { $0.isCluster } == true
        return .waiting(slot: isCluster ? RedisSlot(of: target.key).number : 0)
    }

    /// Returns the connection that has written. WAIT counts what the same connection has written, so another one would
    /// answer at once and prove nothing.
    ///
    /// - Parameter carriers: The connections to nodes of a cluster that carried commands and calls, if there were any.
    func writer(
        _ carriers: [RedisConnection?], on connection: RedisConnection
    ) -> Result<RedisConnection, RedisError> {
        guard reading != nil else { return .success(connection) }
        let carriers = carriers.compactMap(\.self)
        guard let first = carriers.first, carriers.allSatisfy({ $0 === first }) else {
            let message = "the connection that has written it has been replaced"
            return .failure(RedisError(.connection, message, effect: .unknown))
        }
        return .success(first)
    }

    /// Asks who has confirmed what the connection has written; takes its place in the pipeline at once.
    func ask(
        _ wait: ReplicaWait, on connection: RedisConnection, _ patience: PublishPatience
    ) -> Result<PendingReplies, RedisError> {
        let limit = patience.confirmationLimit(wait.timeout, at: clock.now)
        do throws(RedisError) {
            return .success(try connection.submit(wait.commands(within: limit), blocking: limit))
        } catch {
            return .failure(error)
        }
    }

    /// Returns the results of messages that were stored as far as they are confirmed.
    func confirm(
        _ results: [Result<PublishReceipt, BrokerError>], of entries: [PublishBatch.Entry],
        _ asked: Result<PendingReplies, RedisError>, _ wait: ReplicaWait, on connection: RedisConnection
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let confirmed = await confirmations(asked, wait, on: connection)
        return zip(entries, results).map { entry, result in
            guard case .success(let receipt) = result else { return result }
            switch confirmed {
            case .success(let confirmations): return wait.judge(receipt, in: entry.stream, by: confirmations)
            case .failure(let error): return .failure(.unconfirmed(error, in: entry.stream))
            }
        }
    }

    private func confirmations(
        _ asked: Result<PendingReplies, RedisError>, _ wait: ReplicaWait, on connection: RedisConnection
    ) async -> Result<ReplicaWait.Confirmations, RedisError> {
        let replies: RedisReplies
        do throws(RedisError) {
            replies = try await asked.get().replies()
        } catch {
            return .failure(error)
        }
        do throws(ServerError) {
            return .success(try wait.confirmations(replies))
        } catch {
            connection.react(to: error)
            return .failure(RedisError(error))
        }
    }
}
