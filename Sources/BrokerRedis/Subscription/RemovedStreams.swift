// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Streams that were taken out of the set of streams since they were gone, as a pure value.
///
/// A publisher that put a stream there shortly before believes it to be there, and says nothing when its next message
/// makes the stream again. Whoever took it out looks once more when every such belief is over.
package struct RemovedStreams: Sendable {
    /// A publisher repeats itself after ``PublishRoutes/interval``; what it sent before may be on its way for a while.
    package static let patience = PublishRoutes.interval + .seconds(1)

    private var times: [StreamName: Instant] = [:]

    package init() {}

    /// Streams have been taken out.
    package mutating func note(_ streams: Set<StreamName>, at now: Instant) {
        for stream in streams { times[stream] = now }
    }

    /// Those to be looked at once more.
    package func due(at now: Instant) -> Set<StreamName> {
        Set(times.filter { now - $0.value >= Self.patience }.keys)
    }

    /// Those have been looked at.
    package mutating func forget(_ streams: Set<StreamName>) {
        for stream in streams { times[stream] = nil }
    }
}
