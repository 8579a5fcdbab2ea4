// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How Sentinels are logged in to: apart from the data, whose user, password and certificate they never get.
package struct SentinelOptions: Sendable, Hashable {
    /// The user; `nil` for the default user of a Sentinel.
    package var username: String?
    /// The password; `nil` for none.
    package var password: RedisPassword?
    /// Whether the bytes are encrypted; by default as those of the data.
    package var isEncrypted: Bool?
    /// How an encrypted connection is made; by default their certificates are checked as those of the data.
    package var tls: TLSOptions?

    /// Makes options with their defaults.
    package init() {}
}

/// What a connection to one server of several takes.
extension RedisOptions {
    /// Returns the options of connections to one of the servers that hold the data.
    ///
    /// - Parameters:
    ///   - address: Where we reach the server.
    ///   - name: The name that its certificate contains, if the address is none and another one has been told.
    package func server(at address: RedisAddress, named name: String? = nil) -> RedisOptions {
        var options = self
        options.url.place = .server(address)
        options.tls.serverName = tls.serverName ?? name
        return options
    }

    /// Returns the options of connections to a Sentinel. They hold no credentials of the data.
    package func sentinel(at address: RedisAddress) -> RedisOptions {
        var options = self
        options.url = RedisURL(.server(address))
        options.url.isEncrypted = sentinel.isEncrypted ?? url.isEncrypted
        options.url.username = sentinel.username
        options.url.password = sentinel.password
        options.tls = sentinel.tls ?? tls.forOthers
        // Both are about the servers that hold the data.
        options.watch = nil
        options.observer = nil
        return options
    }
}
