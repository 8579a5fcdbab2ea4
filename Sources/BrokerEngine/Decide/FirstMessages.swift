// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// What is done about the messages of a new group that cannot be decoded, until one is handled. A pure value.
///
/// If nothing that a new group gets can be decoded, a setting is more likely to be wrong than every message.
package struct FirstMessages: Sendable {
    /// What is known about the group.
    package enum Phase: Sendable {
        /// A message was handled, or the group is not new. It does not change any more.
        case proven
        /// Nothing was handled yet. Goes to proven or to stopped.
        case watching
        /// None of the first messages could be decoded. It does not change any more.
        case stopped
    }

    /// What is done about a message that cannot be decoded. Closed by design.
    package enum Action: Sendable {
        /// The verdict decides, as always.
        case decide
        /// It is handed back and does not count. The value says whether it has come for the first time.
        case keep(isFirstTime: Bool)
        /// The same, and the consumer takes no more messages.
        case keepAndStop
    }

    /// This many messages are enough to stop.
    package static let limit = 10
    /// How long a message that is kept is not leased again.
    package static let pause = Duration.seconds(10)

    private struct Place: Hashable {
        var stream: StreamName
        var id: MessageID
    }

    package private(set) var phase: Phase
    private var undecodable: Set<Place> = []

    /// - Parameter isNew: Whether the group is new.
    package init(isNew: Bool) {
        phase = isNew ? .watching : .proven
    }

    /// How many messages could not be decoded so far.
    package var count: Int { undecodable.count }

    /// Notes that a message was handled. Returns whether that proves the group.
    package mutating func handled() -> Bool {
        guard phase == .watching else { return false }
        phase = .proven
        undecodable = []
        return true
    }

    /// Notes a message that cannot be decoded.
    package mutating func failed(_ receipt: Receipt) -> Action {
        switch phase {
        case .proven: return .decide
        case .stopped: return .keep(isFirstTime: false)
        case .watching:
            let isFirstTime = undecodable.insert(Place(stream: receipt.stream, id: receipt.id)).inserted
            guard undecodable.count >= Self.limit else { return .keep(isFirstTime: isFirstTime) }
            phase = .stopped
            return .keepAndStop
        }
    }
}
