// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Messages of one call, divided by what shares writes. A pure value.
package struct PublishDivision: Sendable {
    /// What shares writes. Closed by design.
    package struct Lane: Sendable, Hashable {
        /// The place of the streams.
        package var place: Int
        /// Whether publishes to them wait for replicas.
        package var isReplicated: Bool

        package init(place: Int, isReplicated: Bool) {
            self.place = place
            self.isReplicated = isReplicated
        }
    }

    /// The only lane, if there is one only.
    package let only: Lane?
    /// The positions of the messages of each lane, in their order; none if there is one lane only.
    package let parts: [(lane: Lane, positions: [Int])]

    /// Divides messages.
    ///
    /// - Parameter find: Returns the lane of a stream; is called once for each, so that messages to one stream stay
    ///   together also if the stream moves meanwhile.
    package init(_ entries: [PublishBatch.Entry], by find: (StreamName) -> Lane) {
        var known: [StreamName: Lane] = [:]
        var last: (stream: StreamName, lane: Lane)?
        let lanes = entries.map { entry in
            if let last, last.stream == entry.stream { return last.lane }
            let lane = known[entry.stream] ?? find(entry.stream)
            known[entry.stream] = lane
            last = (entry.stream, lane)
            return lane
        }
        if let first = lanes.first, lanes.allSatisfy({ $0 == first }) {
            (only, parts) = (first, [])
        } else {
            only = nil
            parts = Dictionary(grouping: lanes.indices) { lanes[$0] }.map { ($0.key, $0.value) }
        }
    }

    /// Returns results in the order of the messages.
    ///
    /// - Parameter results: The positions of the messages of each lane, and a result for each.
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
