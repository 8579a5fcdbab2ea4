// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// What the messages of one write wait for: the greatest of what their streams ask for. A pure value.
///
/// WAIT and WAITAOF count what the same connection has written, and hold up that connection alone. They are asked once
/// for a write; each message is judged by what its own stream asks for.
struct ReplicaWait: Sendable {
    /// How many have confirmed everything that the connection has written before; `nil` for what was not asked.
    struct Confirmations: Sendable {
        /// The replicas that have it.
        var replicas: Int?
        /// Whether the server itself has it on disk, and the replicas that have.
        var disks: (isLocal: Bool, replicas: Int)?
    }

    private var policies: [StreamName: DurabilityPolicy] = [:]
    /// A key of the node that is asked.
    private(set) var key = ""

    /// Adds a stream of the write.
    mutating func add(_ policy: DurabilityPolicy, of stream: StreamName, at key: String) {
        policies[stream] = policy
        if self.key.isEmpty { self.key = key }
    }

    /// How long the most patient stream waits.
    var timeout: Duration { policies.values.map(\.timeout).max() ?? .zero }

    /// Returns the commands that wait: one for what replicas must have, one for what must be on disk.
    ///
    /// - Parameter limit: How long each of them waits at most.
    func commands(within limit: Duration) -> RedisCommands {
        let milliseconds = Int(max(1, limit.millisecondsRoundedUp))
        var commands = RedisCommands()
        if let replicas = greatest(fsync: false) {
            commands.begin(3, "WAIT", for: .key(key))
            commands.add(replicas)
            commands.add(milliseconds)
        }
        if let replicas = greatest(fsync: true) {
            commands.begin(4, "WAITAOF", for: .key(key))
            commands.add(1)
            commands.add(replicas)
            commands.add(milliseconds)
        }
        return commands
    }

    /// Reads the replies to ``commands(within:)``.
    ///
    /// - Throws: the error that the server replied; whether a failover will keep the messages is unknown.
    func confirmations(_ replies: RedisReplies) throws(ServerError) -> Confirmations {
        var confirmations = Confirmations()
        var rest = replies.makeIterator()
        if greatest(fsync: false) != nil {
            let reply = rest.next()
            if let error = reply?.error { throw error }
            confirmations.replicas = reply?.integer
        }
        if greatest(fsync: true) != nil {
            let reply = rest.next()
            if let error = reply?.error { throw error }
            if let local = reply?.elements[0]?.integer, let replicas = reply?.elements[1]?.integer {
                confirmations.disks = (local > 0, replicas)
            }
        }
        return confirmations
    }

    /// Returns what became of a message that was stored.
    func judge(
        _ receipt: PublishReceipt, in stream: StreamName, by confirmations: Confirmations
    ) -> Result<PublishReceipt, BrokerError> {
        guard let policy = policies[stream] else { return .success(receipt) }
        var receipt = receipt
        receipt.replicas = policy.fsync ? confirmations.disks?.replicas : confirmations.replicas
        let isOnDisk = confirmations.disks?.isLocal == true
        if (receipt.replicas ?? 0) >= policy.replicas, isOnDisk || !policy.fsync { return .success(receipt) }
        return .failure(.underReplicated(receipt, in: stream, policy, isOnDisk: isOnDisk))
    }

    private func greatest(fsync: Bool) -> Int? {
        policies.values.filter { $0.fsync == fsync }.map(\.replicas).max()
    }
}

extension BrokerError {
    /// A message that is stored, of which nobody could be asked whether it will stay.
    static func unconfirmed(_ error: RedisError, in stream: StreamName) -> BrokerError {
        var failure = BrokerError(error, "wait for the replicas of '\(stream)', which has stored the message")
        failure.effect = .unknown
        return failure
    }
}
