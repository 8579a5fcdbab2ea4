// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import StreamBroker

/// Which messages of this run are not settled yet. A pure value.
///
/// On a server that keeps what it is given, a stream also holds entries of earlier runs; they are none of these, so that
/// what is counted is this run's alone.
package struct Awaited: Sendable {
    private struct Place: Hashable, Sendable {
        let group: GroupName
        let stream: StreamName
    }

    private var ids: [Place: Set<MessageID>] = [:]

    package init() {}

    package var isEmpty: Bool { ids.isEmpty }

    package mutating func add(_ published: [MessageID], to stream: StreamName, for groups: [GroupName]) {
        guard !published.isEmpty else { return }
        for group in groups { ids[Place(group: group, stream: stream), default: []].formUnion(published) }
    }

    package func contains(_ id: MessageID, of stream: StreamName, in group: GroupName) -> Bool {
        ids[Place(group: group, stream: stream)]?.contains(id) ?? false
    }

    /// Takes a message from the list that is settled for good, or gone.
    package mutating func remove(_ id: MessageID, of stream: StreamName, in group: GroupName) {
        let place = Place(group: group, stream: stream)
        ids[place]?.remove(id)
        if ids[place]?.isEmpty == true { ids[place] = nil }
    }
}

extension SettledEvent.Entry {
    /// Whether it was carried out, now or by an earlier attempt whose reply was lost.
    package var isCarriedOut: Bool { outcome == .done || outcome == .settled }

    /// Whether the message will not come again.
    package var isFinal: Bool {
        switch kind {
        case .ack, .deadLetter, .discard, .forward: isCarriedOut || outcome == .missing
        case .retry, .release: outcome == .missing
        }
    }
}
