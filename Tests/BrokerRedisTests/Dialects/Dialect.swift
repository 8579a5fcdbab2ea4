// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Testing

/// What a server of some version says, literally, where versions differ.
struct Dialect: Sendable, CustomTestStringConvertible {
    /// The server and its version.
    let name: String
    /// What INFO says, as far as anybody reads it.
    let information: String
    /// Whether scripts can ask what their user may do (`redis.acl_check_cmd`).
    let knowsRights: Bool
    /// What a read that blocks is answered when its key is deleted, flushed or renamed.
    let keyVanished: RedisText
    /// What it is answered when its group is destroyed.
    let groupDestroyed: RedisText
    /// What it is answered when something else is put under its key.
    let typeChanged: RedisText
    /// What a server says while a script runs for long.
    let busy: String
    /// What a server says while it reads its data.
    let loading: String
    /// What is said after a snapshot has failed.
    let misconfigured: String
    /// What EVALSHA of an unknown script is answered.
    let unknownScript: String
    /// What our scripts hand back of a command that their user may not run.
    let lacksRight: String
    /// What is answered when a script raises an error, made of the error.
    let raised: @Sendable (String) -> String
    /// What XINFO GROUPS says of a group with two consumers and pending entries.
    let groups: String
    /// What XINFO CONSUMERS says of that group.
    let consumers: String
    /// What that group has not been given yet, if the server knows it.
    let lag: Int?

    var testDescription: String { name }

    /// Whether a blocked read learns only when its time is over what happened to its key.
    var isLate: Bool { keyVanished == .nothing }

    /// Whether it is told of something else under the key as if that were gone.
    var takesTypeForLoss: Bool { !isLate && typeChanged == keyVanished }
}

/// What all versions say alike.
extension Dialect {
    // t_stream.c, `xreadCommand`: 6.2.14, 7.0.15, 7.2.5, Valkey 8.0.1.
    static let noGroup = RedisText(
        "-NOGROUP No such key 'orders' or consumer group 'billing' in XREADGROUP with GROUP option\r\n")
    // t_stream.c, `xpendingCommand`; what our scripts hand back of it.
    static let nothingPending = "NOGROUP No such key 'orders' or consumer group 'billing'"
    // server.c, `createSharedObjects`.
    static let wrongType = RedisText("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")
    static let outOfMemory = "OOM command not allowed when used memory > 'maxmemory'."
    static let readOnly = "READONLY You can't write against a read only replica."
    static let noReplicas = "NOREPLICAS Not enough good replicas to write."
    static let masterDown = "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
    // cluster.c, `clusterRedirectClient`; Valkey's in cluster_legacy.c.
    static let clusterDown = "CLUSTERDOWN The cluster is down"
    static let tryAgain = "TRYAGAIN Multiple keys request during rehashing of slot"
    static let moved = "MOVED 2345 10.0.0.2:6379"
    // networking.c, `setProtocolError`; then the connection is closed.
    static let protocolError = "-ERR Protocol error: invalid bulk length\r\n"
    // networking.c, `clientCommand`.
    static let unblockedByClient = RedisText("-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n")
    // blocked.c, `disconnectAllBlockedClients`; then the connection is closed.
    static let demoted =
        "-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)\r\n"

    /// What is over by itself: what a server says that cannot just now.
    var obstacles: [String] {
        [
            Self.outOfMemory, Self.noReplicas, Self.masterDown, Self.clusterDown, Self.tryAgain, Self.moved,
            misconfigured, busy, loading,
        ]
    }
}

/// The bytes of an answer.
struct RedisText: Sendable, Hashable {
    let bytes: String

    init(_ bytes: String) {
        self.bytes = bytes
    }

    /// What a read is answered that has waited in vain.
    static let nothing = RedisText("*-1\r\n")
}
