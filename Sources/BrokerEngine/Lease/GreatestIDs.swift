// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// The greatest id that ever came from each stream, as a pure value.
///
/// Streams come and go, so their number is bounded. When it is reached, all are forgotten, and the greatest of their ids
/// stands for every stream that is not known. Then some ids that are greater are not seen as such.
package struct GreatestIDs: Sendable {
    /// The most streams whose ids are kept apart.
    package static let most = 8192

    /// The stream that was asked for last. Messages of one stream come in a row, so that most need no look-up.
    private var stream: StreamName?
    private var id = MessageID.zero
    /// The streams that were asked for before.
    private var others: [StreamName: MessageID] = [:]
    /// The greatest id of the streams that were forgotten.
    private var floor = MessageID.zero

    package init() {}

    /// Notes an id; returns whether it is greater than every id of its stream before.
    package mutating func advance(to id: MessageID, in stream: StreamName) -> Bool {
        if stream != self.stream { select(stream) }
        guard self.id < id else { return false }
        self.id = id
        return true
    }

    private mutating func select(_ stream: StreamName) {
        if let last = self.stream {
            if others.count >= Self.most { forget() }
            others[last] = id
        }
        self.stream = stream
        id = others[stream] ?? floor
    }

    private mutating func forget() {
        floor = others.values.reduce(floor, max)
        others.removeAll(keepingCapacity: true)
    }
}
