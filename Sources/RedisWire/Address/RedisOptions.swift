// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import NIOPosix

/// How to reach one server or several, and how long to wait for them.
package struct RedisOptions: Sendable {
    /// Where the data is, and which user connects.
    package var url: RedisURL
    /// How an encrypted connection is made; used with `rediss` only.
    package var tls = TLSOptions()
    /// How the Sentinels are logged in to; used with `redis+sentinel` only.
    package var sentinel = SentinelOptions()
    /// Where we reach what Sentinels and the nodes of a cluster tell; by default there.
    package var addressMap = AddressMap()
    /// The name of our connections in the server's CLIENT LIST; default `streambroker`.
    package var clientName = "streambroker"
    /// How long connecting may take, including the handshake; default 30 s.
    package var connectTimeout: Duration = .seconds(30)
    /// How long the server may be silent while a reply is due; default 5 s.
    package var commandTimeout: Duration = .seconds(5)
    /// How many bytes may be submitted to a connection and still wait for their replies; default 64 MiB.
    package var byteBound = 64 << 20
    /// Resolves host names; `nil` for the system.
    package var resolver: (any Resolver & Sendable)?
    /// Whether a connection counts only once the server has proved that it is a primary; default no, since a server that
    /// is named by its address is used as it is.
    package var provesPrimary = false
    /// The event loop on which the connections live; each value that is made takes the next one.
    package var loop = ConnectionLoop()
    /// The map of the cluster, which all connections with these options share; used with `redis+cluster` only.
    package var cluster = SharedCluster()
    /// How much of a reply is held in memory.
    package var limits = ReplyLimits()
    /// Sees what is sent and where it goes; `nil` by default.
    package var observer: (any RedisObserver)?
    /// Is told how attempts to connect end; `nil` by default.
    package var watch: (any LinkWatch)?

    /// Makes options with their defaults.
    package init(url: RedisURL) {
        self.url = url
    }

    /// Checks what can be checked without a server.
    ///
    /// - Throws: ``RedisError/Code/configuration`` for the first value that is out of its range.
    package func validate() throws(RedisError) {
        let timeouts = Duration.milliseconds(1)...Duration.seconds(86_400)
        guard timeouts.contains(connectTimeout), timeouts.contains(commandTimeout) else {
            throw refused("a timeout is from 1 ms to 24 h")
        }
        guard byteBound > 0 else { throw refused("the bound in bytes is greater than 0") }
        if url.username != nil, url.password == nil { throw refused("there is a user and no password") }
        if sentinel.username != nil, sentinel.password == nil {
            throw refused("there is a user of the Sentinels and no password")
        }
        if case .cluster = url.place, url.database ?? 0 != 0 { throw refused("a cluster has database 0 only") }
        guard !clientName.isEmpty, clientName.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw refused("a client name has printable ASCII characters and no space")
        }
    }

    /// Checks that a connection can be made without asking where to.
    func requireOneServer() throws(RedisError) {
        guard url.place.server != nil else { throw .severalServers(url) }
    }

    private func refused(_ reason: String) -> RedisError {
        RedisError(.configuration, reason)
    }
}
