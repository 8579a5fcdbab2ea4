// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import Logging

/// Decides over which connections topics are listened to: the one place where a URL becomes something that listens.
package enum Listening {
    /// Makes what listens; reads the files of certificates, does not connect.
    ///
    /// - Parameters:
    ///   - options: Where the data is, and how to connect.
    ///   - isSharded: Whether all topics are sharded channels, which in a cluster have nodes of their own.
    ///   - checkTime: How often it is checked whether a server has lost a topic silently.
    ///   - logger: Logs gaps and refusals.
    ///   - receiver: Takes the messages.
    package static func make(
        _ options: RedisOptions, isSharded: Bool, checkTime: Duration = .seconds(60), logger: Logger,
        receiver: any PushReceiver
    ) throws(RedisError) -> any PushListening {
        guard case .cluster(let seeds) = options.url.place else {
            return try PushLink(
                options, source: try options.addressSource(logger: logger), checkTime: checkTime, logger: logger,
                receiver: receiver)
        }
        let cluster = try options.cluster.cluster(options, seeds: seeds, logger: logger)
        if isSharded {
            return try ShardLinks(
                options, directory: cluster, checkTime: checkTime, logger: logger, receiver: receiver)
        }
        return try PushLink(
            options, servers: NodeRotation(options, cluster, seeds: seeds), checkTime: checkTime, logger: logger,
            receiver: receiver)
    }
}

extension Cluster: ShardDirectory {
    func owner(of slot: RedisSlot) -> RedisNode? { owner(of: slot.number) }

    /// A channel is heard at its own node only, so those who listen wait for the map.
    func doubt() { doubt(isUrgent: true) }

    func note(_ error: ServerError, by node: RedisNode) -> RedisNode? {
        guard let redirection = error.redirection, redirection.kind == .moved else { return nil }
        return note(redirection, by: node)
    }

    func contains(_ node: RedisNode) -> Bool {
        let map = map
        return map.isEmpty || map.node(at: node.address) != nil
    }

    func place(of node: RedisNode) -> (address: RedisAddress, certificateName: String?) {
        (node.address, node.facts.certificateName)
    }
}
