// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The connections of one kind to the nodes of a cluster, behind one ``RedisConnection``.
final class ClusterLine: Sendable {
    private struct State {
        /// The node that got commands without a key last.
        var anyNode: RedisNode?
        /// Calls that wait for time to pass or for a connection.
        var waiting: [ObjectIdentifier: ClusterCall] = [:]
        var heldBytes = 0
        var isClosed = false
    }

    let cluster: Cluster
    let links: NodeLinks
    private let bound: Int
    private let loop: any EventLoop
    private let state = Mutex(State())

    /// - Parameter options: How this kind of connection is made.
    init(_ cluster: Cluster, _ options: RedisOptions) {
        self.cluster = cluster
        bound = options.byteBound
        loop = options.loop.eventLoop
        links = NodeLinks(options, cluster.context, logger: cluster.logger)
        cluster.join(self)
    }

    deinit {
        cluster.leave(ObjectIdentifier(self))
    }

    /// Why it takes no commands; `nil` while it is open.
    var end: RedisError? { state.withLock { $0.isClosed } ? .clusterClosed : nil }

    /// Sends a batch to the nodes that it is for.
    ///
    /// - Parameters:
    ///   - timeout: How long a node may be silent.
    ///   - patience: How long refused commands are sent again; by default as long.
    func submit(
        _ commands: RedisCommands, timeout: Duration, patience: Duration? = nil, mayBlock: Bool
    ) throws(RedisError) -> PendingReplies {
        try admit(commands.byteCount)
        let pending = PendingReplies(
            count: commands.count, byteCount: commands.byteCount, timeout: timeout, mayBlock: mayBlock)
        ClusterCall(self, commands, pending, patience).begin()
        return pending
    }

    private func admit(_ size: Int) throws(RedisError) {
        try state.withLock { state throws(RedisError) in
            if state.isClosed { throw .clusterClosed }
            if state.heldBytes > 0, state.heldBytes + size > bound {
                let message = "\(state.heldBytes) bytes wait for a reply, \(size) more are over the bound of \(bound)"
                throw RedisError(.overloaded, message)
            }
            state.heldBytes += size
        }
    }

    /// Notes that a call has ended.
    func ended(_ call: ClusterCall, byteCount: Int) {
        state.withLock { state in
            state.heldBytes -= byteCount
            if !state.waiting.isEmpty { state.waiting[ObjectIdentifier(call)] = nil }
        }
    }

    /// Notes that a call waits; returns false if the line is closed.
    func waits(_ call: ClusterCall) -> Bool {
        state.withLock { state in
            if !state.isClosed { state.waiting[ObjectIdentifier(call)] = call }
            return !state.isClosed
        }
    }

    /// Returns a node for commands without a key: the one that got the last ones, else one with a connection.
    func anyNode(avoiding avoided: RedisNode?) -> RedisNode? {
        let map = cluster.map
        let last = state.withLock { $0.anyNode }
        let primaries = map.primaries.filter { $0 != avoided }
        let node =
            primaries.first { $0 == last && links.openConnection(to: $0) != nil }
            ?? primaries.first { links.openConnection(to: $0) != nil } ?? primaries.randomElement()
            ?? map.replicas.filter { $0 != avoided }.randomElement() ?? map.primaries.first
        state.withLock { $0.anyNode = node }
        return node
    }

    /// Runs `body` on the event loop after a while.
    func schedule(at time: NIODeadline, _ body: @escaping @Sendable () -> Void) -> Scheduled<Void> {
        loop.scheduleTask(deadline: time) { body() }
    }

    /// Closes every connection for good. Calls that are not sent end; the effect of the others is unknown.
    func close() async {
        let calls = state.withLock { state in
            state.isClosed = true
            return Array(state.waiting.values)
        }
        for call in calls { call.close() }
        await links.close()
        cluster.leave(ObjectIdentifier(self))
    }
}
