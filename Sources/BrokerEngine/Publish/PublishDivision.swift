// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Messages of one call, divided by what shares writes. A pure value.
package struct PublishDivision: Sendable {
    /// What shares writes. Closed by design.
    package struct Destination: Sendable, Hashable {
        /// The place of the streams.
        package var place: Int
        /// Whether publishes to them wait for replicas.
        package var isReplicated: Bool

        package init(place: Int, isReplicated: Bool) {
            self.place = place
            self.isReplicated = isReplicated
        }
    }

    /// The only destination, if there is one only.
    package let only: Destination?
    /// The positions of the messages of each destination, in their order; none if there is one destination only.
    package let parts: [(destination: Destination, positions: [Int])]

    /// Divides messages.
    ///
    /// - Parameter find: Returns the destination of a stream; is called once for each, so that messages to one stream stay
    ///   together also if the stream moves meanwhile.
    package init(_ entries: [PublishBatch.Entry], by find: (StreamName) -> Destination) {
        var known: [StreamName: Destination] = [:]
        var last: (stream: StreamName, destination: Destination)?
        let destinations = entries.map { entry in
            if let last, last.stream == entry.stream { return last.destination }
            let destination = known[entry.stream] ?? find(entry.stream)
            known[entry.stream] = destination
            last = (entry.stream, destination)
            return destination
        }
        if let first = destinations.first, destinations.allSatisfy({ $0 == first }) {
            (only, parts) = (first, [])
        } else {
            only = nil
            parts = Dictionary(grouping: destinations.indices) { destinations[$0] }.map { ($0.key, $0.value) }
        }
    }

    /// Returns results in the order of the messages.
    ///
    /// - Parameter results: The positions of the messages of each destination, and a result for each.
    package static func join(
        _ results: [(positions: [Int], results: [Result<PublishReceipt, BrokerError>])], count: Int
    ) -> [Result<PublishReceipt, BrokerError>] {
        var joined = [Result<PublishReceipt, BrokerError>](repeating: .failure(.lostResult), count: count)
        for part in results {
            for (position, result) in zip(part.positions, part.results) { joined[position] = result }
        }
        return joined
    }
}
