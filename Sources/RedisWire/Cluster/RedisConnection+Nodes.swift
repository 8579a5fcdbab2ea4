// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The nodes behind a connection, for what concerns one of them: a read that blocks, the cursor of SCAN.
///
/// With one server there is no node, and the connection itself is the connection to it.
extension RedisConnection {
    /// Returns the node that has the slot of a key, as far as known; `nil` with one server.
    package func node(of key: String) -> RedisNode? {
        cluster?.cluster.owner(of: RedisSlot(of: key).number)
    }

    /// Returns a number that stands for the node that has the slot of a key, as far as known; 0 with one server.
    package func nodeNumber(of key: String) -> Int {
        node(of: key).map { ObjectIdentifier($0).hashValue } ?? 0
    }

    /// The nodes that have slots; one `nil` with one server.
    package var nodes: [RedisNode?] {
        cluster.map { $0.cluster.primaries } ?? [nil]
    }

    /// What is known of the cluster; `nil` with one server.
    package var clusterReport: ClusterReport? { cluster?.cluster.report }

    /// Returns the connection to one node, on which nothing is sent anywhere else, made by one attempt if there is none.
    ///
    /// - Throws: why there is none; nothing was applied.
    package func connection(
        to node: RedisNode?, within limit: Duration? = nil, isCancellable: Bool = true
    ) async throws(RedisError) -> RedisConnection {
        guard let cluster, let node else { return self }
        do throws(RedisError) {
            return try await cluster.links.link(to: node).connection(within: limit, isCancellable: isCancellable)
        } catch {
            // Its slots may have another node by now, and nobody follows redirections for this caller.
            cluster.cluster.doubt(isUrgent: true)
            throw error
        }
    }

    /// Returns the open connection to one node, if there is one.
    package func openConnection(to node: RedisNode?) -> RedisConnection? {
        guard let cluster, let node else { return self }
        return cluster.links.openConnection(to: node)
    }

    /// Notes what a node has said about a slot, for a call that went to that node alone.
    package func note(_ redirection: Redirection, by node: RedisNode?) {
        guard let cluster else { return }
        if redirection.kind == .moved { cluster.cluster.doubt(isUrgent: false) }
        if let target = cluster.cluster.note(redirection, by: node), target == node {
            cluster.links.renew(target, after: nil)
        }
    }

    /// Asks the nodes which of them has which slot, and returns when they have told, or could not. Returns at once with
    /// one server.
    package func askForMap() async {
        guard let cluster else { return }
        await withCheckedContinuation { continuation in
            cluster.cluster.whenAsked { _ in continuation.resume() }
        }
    }
}
