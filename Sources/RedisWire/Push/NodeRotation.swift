// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Says to which server a push connection goes, where several would do.
protocol PushServers: Sendable {
    /// Is told how attempts end; `nil` for nobody.
    var watch: (any LinkWatch)? { get }

    /// Returns the options of the next attempt.
    func next() -> RedisOptions

    /// Returns whether a server is still one of them.
    func contains(_ address: RedisAddress) -> Bool
}

extension PushServers {
    /// Is told how attempts end, if the servers are all there is.
    var watch: (any LinkWatch)? { nil }
}

/// The only server.
struct OneServer: PushServers {
    let options: RedisOptions
    var watch: (any LinkWatch)? { options.watch }

    func next() -> RedisOptions { options }

    func contains(_ address: RedisAddress) -> Bool { true }
}

extension RedisOptions {
    /// Returns the options of connections to one of several nodes. A node that is away says nothing about the cluster.
    func node(at address: RedisAddress, named name: String?) -> RedisOptions {
        var options = server(at: address, named: name)
        options.watch = nil
        return options
    }
}

/// The nodes of a cluster in turn, beginning at random. Each passes on every message to a classic channel.
final class NodeRotation: PushServers {
    /// How long an attempt may take while there are other nodes.
    static let patience = Duration.seconds(2)

    private let options: RedisOptions
    private let cluster: Cluster
    private let seeds: [RedisAddress]
    private let position = Mutex(Int.random(in: 0..<1024))

    init(_ options: RedisOptions, _ cluster: Cluster, seeds: [RedisAddress]) {
        self.options = options
        self.cluster = cluster
        self.seeds = seeds
    }

    func next() -> RedisOptions {
        // Whoever asks has lost a node, or knows none.
        cluster.doubt(isUrgent: false)
        let known = cluster.map.nodes.map { cluster.place(of: $0) }
        let places = known.isEmpty ? seeds.map { (address: $0, certificateName: nil) } : known
        let index = position.withLock { position in
            position += 1
            return position % places.count
        }
        var next = options.node(at: places[index].address, named: places[index].certificateName)
        if places.count > 1 { next.connectTimeout = min(next.connectTimeout, Self.patience) }
        return next
    }

    func contains(_ address: RedisAddress) -> Bool {
        cluster.doubt(isUrgent: false)
        let map = cluster.map
        return map.isEmpty || map.node(at: address) != nil
    }
}
