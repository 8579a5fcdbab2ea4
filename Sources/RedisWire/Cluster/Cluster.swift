// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A cluster as the connections of one provider know it together: its map, and when that is asked for again.
///
/// There is no task behind it: it lives on the event loop of the connections.
final class Cluster: Sendable {
    /// How long a node may take to tell its map.
    static let patience = Duration.seconds(1)
    /// How much longer than the first one the other nodes may take.
    static let moment = TimeAmount.milliseconds(100)
    /// How long the connections for the map stay open.
    static let idleLimit = TimeAmount.seconds(10)

    struct State {
        var map: SlotMap
        var used = SlotSet()
        var policy = RefreshPolicy()
        var timer: Scheduled<Void>?
        var round: MapRound?
        var roundNumber = 0
        /// When a node has told the map last.
        var toldAt: NIODeadline?
        /// Who waits for a map at all, or for the next one.
        var waiters: [@Sendable (Result<Void, RedisError>) -> Void] = []
        var lines: [ObjectIdentifier: WeakLine] = [:]
    }

    struct WeakLine {
        weak var line: ClusterLine?
    }

    let options: RedisOptions
    let context: NIOSSLContext?
    let logger: Logger
    let seeds: [RedisNode]
    let links: NodeLinks
    let state: Mutex<State>

    /// Makes a cluster; reads the files of certificates, does not connect.
    init(_ options: RedisOptions, seeds: [RedisAddress], logger: Logger) throws(RedisError) {
        self.options = options
        self.logger = logger
        context = options.url.isEncrypted ? try options.tls.makeContext() : nil
        let seeds = seeds.map { RedisNode(.init(address: $0)) }
        self.seeds = seeds
        state = Mutex(State(map: SlotMap(seeds: seeds)))
        links = NodeLinks(options, context, logger: logger)
    }

    var loop: any EventLoop { options.loop.eventLoop }

    /// The map now.
    var map: SlotMap { state.withLock { $0.map } }

    /// What is known of it.
    var report: ClusterReport {
        state.withLock { state in
            ClusterReport(
                primaries: state.map.primaries.count, replicas: state.map.replicas.count,
                doubtfulSlots: state.map.doubtful, epoch: state.map.epoch,
                age: state.toldAt.map { Duration(NIODeadline.now() - $0) })
        }
    }

    /// Calls `body` when there is a map, or when the nodes that there are could not tell one.
    func whenKnown(_ body: @escaping @Sendable (Result<Void, RedisError>) -> Void) {
        let isKnown = state.withLock { state in
            if state.map.isEmpty { state.waiters.append(body) }
            return !state.map.isEmpty
        }
        isKnown ? body(.success(())) : doubt(isUrgent: true)
    }

    /// Calls `body` when the nodes have been asked for the map again.
    func whenAsked(_ body: @escaping @Sendable (Result<Void, RedisError>) -> Void) {
        state.withLock { $0.waiters.append(body) }
        doubt(isUrgent: true)
    }

    /// Adds connections that use the map.
    func join(_ line: ClusterLine) {
        state.withLock { $0.lines[ObjectIdentifier(line)] = WeakLine(line: line) }
    }

    /// Removes connections; without any, the map is not asked for any more.
    func leave(_ line: ObjectIdentifier) {
        let timer = state.withLock { state -> Scheduled<Void>? in
            state.lines[line] = nil
            guard state.lines.isEmpty else { return nil }
            state.policy = RefreshPolicy()
            defer { state.timer = nil }
            return state.timer
        }
        guard let timer else { return }
        timer.cancel()
        links.closeIdle()
    }
}

extension Cluster: SlotDirectory {
    var primaries: [RedisNode] { state.withLock { $0.map.primaries } }

    func owner(of slot: Int) -> RedisNode? {
        state.withLock { state in
            state.used.insert(slot)
            return state.map.node(of: slot)
        }
    }

    func note(_ redirection: Redirection, by node: RedisNode?) -> RedisNode? {
        state.withLock { state in
            let noted = state.map.note(redirection, by: node, options.addressMap)
            if noted?.isNew == true { state.policy.learned() }
            return noted?.node
        }
    }
}

/// What the connections to a cluster know of it.
package struct ClusterReport: Sendable, Hashable {
    /// How many nodes have slots.
    package var primaries: Int
    /// How many nodes have none.
    package var replicas: Int
    /// How many slots have a node of which the nodes told nothing when they were asked last.
    package var doubtfulSlots: Int
    /// The epoch of the map.
    package var epoch: UInt64
    /// How long ago a node has told the map; `nil` if none has.
    package var age: Duration?
}

/// The cluster of the connections that are made with the same options.
package final class SharedCluster: Sendable {
    private let cluster = Mutex<Cluster?>(nil)

    /// Makes a place for a cluster.
    package init() {}

    /// Returns the cluster, made with these options by the first caller.
    func cluster(_ options: RedisOptions, seeds: [RedisAddress], logger: Logger) throws(RedisError) -> Cluster {
        try cluster.withLock { cluster throws(RedisError) in
            if let cluster { return cluster }
            let made = try Cluster(options, seeds: seeds, logger: logger)
            cluster = made
            return made
        }
    }
}
