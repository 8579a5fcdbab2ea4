// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What listening to sharded channels asks of the map of a cluster.
package protocol ShardDirectory: Sendable {
    associatedtype Node: Hashable & Sendable

    /// Returns the node that has a slot, as far as known.
    func owner(of slot: RedisSlot) -> Node?

    /// Notes what a node has said; returns the node that it names, `nil` if it names none.
    func note(_ error: ServerError, by node: Node) -> Node?

    /// The map may be wrong: asks the nodes again, soon and once for all who doubt.
    func doubt()

    /// Returns where a node is reached, and the name in its certificate if its address is none.
    func place(of node: Node) -> (address: RedisAddress, certificateName: String?)

    /// Returns whether a node belongs to the cluster, as far as known.
    func contains(_ node: Node) -> Bool
}
