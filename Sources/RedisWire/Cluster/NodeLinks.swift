// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A link to each node of a cluster that somebody has asked for, and no longer than the node is needed.
final class NodeLinks: Sendable {
    /// How long a link outlives its node's place in the map.
    static let farewell = TimeAmount.seconds(5)
    /// How often a link that is to be closed is looked at while calls wait for replies.
    private static let idleCheck = TimeAmount.seconds(1)

    private struct State {
        var links: [RedisNode: RedisLink] = [:]
        /// Nodes that have left the map.
        var leaving: Set<RedisNode> = []
        var isClosed = false
    }

    private let options: RedisOptions
    private let context: NIOSSLContext?
    private let logger: Logger
    private let state = Mutex(State())

    init(_ options: RedisOptions, _ context: NIOSSLContext?, logger: Logger) {
        self.options = options
        self.context = context
        self.logger = logger
    }

    /// Returns the link to a node.
    func link(to node: RedisNode) throws(RedisError) -> RedisLink {
        let known: RedisLink? = try state.withLock { state throws(RedisError) in
            if state.isClosed { throw .clusterClosed }
            return state.links[node]
        }
        if let known { return known }
        let made = try make(node)
        return state.withLock { state in
            if state.isClosed { return made }
            let link = state.links[node] ?? made
            state.links[node] = link
            return link
        }
    }

    /// Returns the open connection to a node, if there is one.
    func openConnection(to node: RedisNode) -> RedisConnection? {
        state.withLock { $0.links[node] }?.openConnection
    }

    private func make(_ node: RedisNode) throws(RedisError) -> RedisLink {
        var options = options
        options.url.place = .server(node.address)
        options.watch = nil
        options.observer = nil
        if options.tls.serverName == nil { options.tls.serverName = node.facts.certificateName }
        var backoff = Backoff()
        backoff.maximum = .seconds(1)
        return try RedisLink(options, context: context, backoff: backoff, logger: logger)
    }

    /// Closes the links to all other nodes after a while, unless they come back.
    func keep(_ nodes: Set<RedisNode>) {
        let left = state.withLock { state in
            state.leaving.subtract(nodes)
            let left = Set(state.links.keys).subtracting(nodes).subtracting(state.leaving)
            state.leaving.formUnion(left)
            return left
        }
        if left.isEmpty { return }
        options.loop.eventLoop.scheduleTask(in: Self.farewell) { [weak self] in self?.part(with: left) }
    }

    private func part(with nodes: Set<RedisNode>) {
        let links = state.withLock { state in
            let gone = nodes.intersection(state.leaving)
            state.leaving.subtract(gone)
            return gone.compactMap { state.links.removeValue(forKey: $0) }
        }
        for link in links { closeWhenIdle(link) }
    }

    /// Makes a new link to a node whose address leads elsewhere by now. The former one ends with its calls.
    ///
    /// - Parameter connection: The connection that showed it; a link that has another one is new already.
    func renew(_ node: RedisNode, after connection: RedisConnection?) {
        let former = state.withLock { state -> RedisLink? in
            guard let link = state.links[node], connection == nil || link.openConnection === connection else {
                return nil
            }
            return state.links.removeValue(forKey: node)
        }
        if let former { closeWhenIdle(former) }
    }

    private func closeWhenIdle(_ link: RedisLink) {
        if link.openConnection?.isIdle == false {
            options.loop.eventLoop.scheduleTask(in: Self.idleCheck) { self.closeWhenIdle(link) }
        } else {
            link.end()
        }
    }

    /// Closes the links that no call uses.
    func closeIdle() {
        let links = state.withLock { state in
            let idle = state.links.filter { $0.value.openConnection?.isIdle != false }
            for node in idle.keys { state.links[node] = nil }
            return Array(idle.values)
        }
        for link in links { link.end() }
    }

    /// Closes all links for good.
    func close() async {
        let links = state.withLock { state in
            state.isClosed = true
            defer { state.links = [:] }
            return Array(state.links.values)
        }
        for link in links { link.end() }
        for link in links { await link.close() }
    }
}

extension RedisError {
    static let clusterClosed = RedisError(.closed, "the connections to the cluster have been closed")
}
