// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A way through a proxy.
package enum ProxyDirection: Sendable, CaseIterable {
    case toServer, toClient
}

/// What a proxy does to a reply, and to which.
package struct ProxyFault: Sendable {
    /// What becomes of the reply.
    package enum Effect: Sendable {
        /// The server is done, the client gets this part of the reply's bytes, and the connection ends.
        case cut(perMille: Int)
        /// Nothing comes any more on that connection, which stays open.
        case stall
        /// The reply, and what comes behind it, is late.
        case delay(Duration)
        /// The reply has a long way: it is late, and what comes behind it is no later for that.
        case late(Duration)
        /// The reply comes as over a line of this speed, and what comes behind it waits.
        case drip(bytesPerSecond: Int)
    }

    /// What becomes of the reply.
    package var effect: Effect
    /// How many replies that match are let through first.
    package var skipping: Int
    /// How many replies it strikes.
    package var times: Int
    /// Which replies.
    package var matches: @Sendable (ProxyExchange) -> Bool

    /// Whether it strikes now; counts.
    mutating func strikes(_ exchange: ProxyExchange) -> Bool {
        guard times > 0, matches(exchange) else { return false }
        if skipping > 0 {
            skipping -= 1
            return false
        }
        times -= 1
        return true
    }
}
