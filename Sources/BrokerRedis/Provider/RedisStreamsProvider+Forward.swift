// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire
import Synchronization

/// Where forwarding is one step: a single server takes any keys together, a cluster only those of one slot.
extension RedisStreamsProvider: ForwardLimiting {
    /// Whether all streams lie on a server that is no cluster, or in one slot of a cluster, and the server takes the
    /// bodies.
    ///
    /// What the server is was asked when the consumer joined; one that does not say counts as a cluster.
    public func canForward(_ entries: [PublishBatch.Entry], from stream: StreamName) -> Bool {
        let limit = bodyLimit.last
        guard entries.allSatisfy({ $0.message.payload.count <= limit }) else { return false }
        if state.withLock({ $0.isCluster }) == false { return true }
        let tag = RedisSlot.tag(of: keys.key(of: stream))
        return entries.allSatisfy { RedisSlot.tag(of: keys.key(of: $0.stream)) == tag }
    }
}
