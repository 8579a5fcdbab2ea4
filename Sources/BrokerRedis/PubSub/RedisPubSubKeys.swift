// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import BrokerMemory

/// The keys of a broker on Redis Pub/Sub, for the reader and the documentation.
package enum RedisPubSubKeys {
    static let limits = 1...10_000_000
    static let sizes = 1024...(64 << 30)

    /// What a broker on Redis Pub/Sub has beside what reaching the server takes.
    package static let buffer: [ConfigurationKey] = [
        row("buffer.limit", .integer(limits), "10000", "How many messages are kept at most, of all streams together."),
        row(
            "buffer.bytes", .size(sizes), "64MiB",
            "How many bytes these have at most; each message counts 256 more than it has."),
        row(
            "buffer.overflow", .choice(BufferBounds.Overflow.allCases.map(\.rawValue)), "drop-oldest",
            "What gives way: the oldest message that no handler holds, the one that comes, or the connection."),
    ]

    /// The rows in the order of the documentation.
    package static let all = RedisBrokerKeys.reach + buffer

    private static func row(
        _ name: String, _ kind: ConfigurationKind, _ standard: String, _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(name, [.broker], kind, standard, summary)
    }
}
