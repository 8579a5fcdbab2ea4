// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Says at which address we reach what calls itself by another one, since it lies behind NAT.
///
/// Sentinels and the nodes of a cluster tell the addresses of servers as they see them.
package struct AddressMap: Sendable, Hashable {
    private var reachable: [RedisAddress: RedisAddress] = [:]

    /// Makes a map that changes no address.
    package init() {}

    /// Whether it changes no address.
    package var isEmpty: Bool { reachable.isEmpty }

    /// Adds an address that is told, and the one that reaches the same server from here.
    ///
    /// - Returns: whether the address that is told was not in the map yet; if it was, nothing changes.
    package mutating func add(_ told: RedisAddress, reachedAt address: RedisAddress) -> Bool {
        guard reachable[told.folded] == nil else { return false }
        reachable[told.folded] = address
        return true
    }

    /// Returns the address that reaches a server, which is the told one if the map does not know it.
    package func map(_ told: RedisAddress) -> RedisAddress {
        isEmpty ? told : reachable[told.folded] ?? told
    }
}
