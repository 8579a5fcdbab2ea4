// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire

/// What a broker on Redis Streams can be told.
package struct RedisStreamsOptions: Sendable {
    /// How to reach the server.
    package var connection: RedisOptions
    /// What every key begins with; empty by default.
    package var prefix = ""
    /// How many connections the broker may have; default 64. Three are its own, each consumer has one more.
    package var maximumConnections = 64
    /// Whether a server that evicts keys is refused; by default it is warned about.
    package var requiresNoEviction = false

    /// Makes options with their defaults.
    package init(connection: RedisOptions) {
        self.connection = connection
    }
}
