// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerMemory
package import RedisWire

/// What a broker on Redis Pub/Sub can be told.
package struct RedisPubSubOptions: Sendable {
    /// How to reach the server.
    package var connection: RedisOptions
    /// What every channel begins with; empty by default.
    package var prefix = ""
    /// How much is kept of what has come and is not settled.
    package var buffer = BufferBounds()

    /// Makes options with their defaults.
    package init(connection: RedisOptions) {
        self.connection = connection
    }
}
