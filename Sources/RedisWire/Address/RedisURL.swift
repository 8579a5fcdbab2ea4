// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where the data is and which user connects, read from a URL.
///
///     redis://[user[:password]@]host[:port][/database]        port 6379, database 0
///     unix://[user[:password]@]/path/of/socket[?db=database]
///     redis+sentinel://[user[:password]@]host[:port],…/name[/database]     port 26379, the name of a primary
///     redis+cluster://[user[:password]@]host[:port],…                      port 6379, some nodes of the cluster
///
/// `rediss` in place of `redis` is the same over TLS. Users and passwords are percent-encoded. No description shows
/// them.
package struct RedisURL: Sendable, Hashable {
    /// Where the data is.
    package var place: RedisPlace
    /// Whether the bytes are encrypted.
    package var isEncrypted = false
    /// The user; `nil` for the server's default user.
    package var username: String?
    /// The password; `nil` for none.
    package var password: RedisPassword?
    /// The number of the database; `nil` if the URL names none, which means database 0.
    package var database: Int?

    /// Reads a URL.
    ///
    /// - Throws: ``RedisError/Code/configuration``; its message shows no user and no password.
    package init(_ text: String) throws(RedisError) {
        self = try RedisURLParser(text).parse()
    }

    /// Makes the URL of a place, with no user and no encryption.
    package init(_ place: RedisPlace) {
        self.place = place
    }
}

/// Where the data is. Closed by design.
package enum RedisPlace: Sendable, Hashable {
    /// On one server.
    case server(RedisAddress)
    /// On the primary that these Sentinels know by this name.
    case sentinels([RedisAddress], primary: String)
    /// On the nodes of a cluster; these are asked first which nodes there are.
    case cluster(seeds: [RedisAddress])

    /// The address of the only server; `nil` if there are several, whose addresses must be asked for.
    package var server: RedisAddress? {
        guard case .server(let address) = self else { return nil }
        return address
    }

    /// Whether the keys are divided among several nodes.
    package var isCluster: Bool {
        if case .cluster = self { true } else { false }
    }

    /// What the URL of such a place begins with, in front of `://`.
    package func scheme(isEncrypted: Bool) -> String {
        let scheme: RedisScheme =
            switch self {
            case .server(.socket): .unix
            case .server(.host): isEncrypted ? .rediss : .redis
            case .sentinels: isEncrypted ? .encryptedSentinel : .sentinel
            case .cluster: isEncrypted ? .encryptedCluster : .cluster
            }
        return scheme.rawValue
    }
}

extension RedisPlace: CustomStringConvertible {
    /// The place for a sentence: `127.0.0.1:6379`, or the path of a socket, or all addresses.
    package var description: String {
        switch self {
        case .server(let address): address.description
        case .sentinels(let sentinels, let primary): "the primary '\(primary)' of \(Self.list(sentinels))"
        case .cluster(let seeds): "the cluster of \(Self.list(seeds))"
        }
    }

    /// Returns addresses as a URL lists them.
    static func list(_ addresses: [RedisAddress]) -> String {
        addresses.map(\.description).joined(separator: ",")
    }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible {
    /// The URL with `***` in place of user and password.
    package var description: String {
        let user = username == nil && password == nil ? "" : "\(RedisPassword.redacted)@"
        let beginning = "\(place.scheme(isEncrypted: isEncrypted))://\(user)"
        switch place {
        case .server(.socket(let path)): return "\(beginning)\(path)?db=\(database ?? 0)"
        case .server(let address): return "\(beginning)\(address)/\(database ?? 0)"
        case .sentinels(let sentinels, let primary):
            return "\(beginning)\(RedisPlace.list(sentinels))/\(primary)/\(database ?? 0)"
        case .cluster(let seeds): return "\(beginning)\(RedisPlace.list(seeds))"
        }
    }

    /// The same as ``description``.
    package var debugDescription: String { description }
}

/// A password that can be used, but not printed.
package struct RedisPassword: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    static let redacted = "***"

    /// The password itself, to be sent to a server.
    package let value: String

    /// Makes a password.
    package init(_ value: String) {
        self.value = value
    }

    /// Always `***`.
    package var description: String { Self.redacted }

    /// Always `***`.
    package var debugDescription: String { Self.redacted }

    /// Empty, so that `dump` does not show the password either.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
