// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where a server is and which user connects, read from `redis://`, `rediss://` or `unix://`.
///
///     redis://[user[:password]@]host[:port][/database]        port 6379, database 0
///     rediss://…                                              the same over TLS
///     unix://[user[:password]@]/path/of/socket[?db=database]
///
/// Users and passwords are percent-encoded. No description shows them.
package struct RedisURL: Sendable, Hashable {
    /// Where the server listens.
    package enum Address: Sendable, Hashable {
        /// A host name or number, and a port.
        case host(String, port: Int)
        /// The path of a socket.
        case socket(path: String)
    }

    /// Where the server listens.
    package var address: Address
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

    init(address: Address) {
        self.address = address
    }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible {
    /// The URL with `***` in place of user and password.
    package var description: String {
        let user = username == nil && password == nil ? "" : "\(RedisPassword.redacted)@"
        switch address {
        case .host(let host, let port):
            let shown = host.contains(":") ? "[\(host)]" : host
            return "\(isEncrypted ? "rediss" : "redis")://\(user)\(shown):\(port)/\(database ?? 0)"
        case .socket(let path):
            return "unix://\(user)\(path)?db=\(database ?? 0)"
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
