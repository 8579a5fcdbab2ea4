// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import RedisWire

/// The keys of a broker on Redis, for the reader and the documentation.
package enum RedisBrokerKeys {
    static let timeouts = Duration.milliseconds(10)...(.seconds(3600))
    static let databases = 0...15
    static let connections = 4...10_000

    /// The rows in the order of the documentation.
    package static let all: [ConfigurationKey] = reach + own

    /// How to reach a server.
    static let reach: [ConfigurationKey] = [
        row(
            "url", .text, "required",
            "Where the server is: `redis://host:port/database`, `rediss://…` with TLS, `unix:///path/of/socket`."),
        row("username", .text, "none", "The user, when the URL names none."),
        row("password", .secret, "none", "The password, when the URL has none."),
        row("database", .integer(databases), "0", "The number of the database, when the URL has none."),
        row("client-name", .text, "streambroker", "What CLIENT LIST calls our connections."),
        row("prefix", .text, "none", "What every key begins with, in front of the stream's name."),
        row("tls.ca", .text, "the system's", "A PEM file of authorities in place of the system's."),
        row("tls.certificate", .text, "none", "A PEM file with our certificate, for a server that asks for one."),
        row("tls.key", .text, "none", "The PEM file of its key."),
        row("tls.server-name", .text, "the URL's host", "The name that the server's certificate must hold."),
        row(
            "tls.verify", .choice(RedisOptionsReader.Verification.allCases.map(\.rawValue)), "full",
            "`none`: anybody can pose as the server; a warning at each start."),
        row("connect-timeout", .duration(timeouts), "30s", "How long a publish waits for a server that is away."),
        row(
            "command-timeout", .duration(timeouts), "5s",
            "How long the server may be silent while it owes an answer; a long one may take longer."),
    ]

    /// What only a broker on Redis Streams has.
    private static let own: [ConfigurationKey] = [
        row(
            "max-connections", .integer(connections), "64",
            "How many connections the broker may have: three of its own, one for each consumer."),
        row(
            "require.noeviction", .flag, "false",
            "Whether a server that may evict keys is refused; without, a warning."),
    ]

    private static func row(
        _ name: String, _ kind: ConfigurationKind, _ standard: String, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(name, [.broker], kind, standard, summary)
    }
}
