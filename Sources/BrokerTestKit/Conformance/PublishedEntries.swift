// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// What a check has published, to recognise messages if they arrive with other ids than publishing returned.
///
/// A provider without `replay` may use ids of its own for each receiver. There a message is recognised by its payload.
/// Of several with the same payload, the first that arrives counts as the first that was published.
final class PublishedEntries: Sendable {
    private struct Content: Hashable {
        var stream: StreamName
        var payload: Payload
    }

    private struct Place: Hashable {
        var stream: StreamName
        var id: MessageID
    }

    private struct State {
        var waiting: [Content: [MessageID]] = [:]
        var known: [Place: MessageID] = [:]
    }

    private let state = Mutex(State())

    /// Records a message and the id that publishing returned.
    func note(_ message: Message, _ id: MessageID, in stream: StreamName) {
        let content = Content(stream: stream, payload: message.payload)
        state.withLock { $0.waiting[content, default: []].append(id) }
    }

    /// Returns the id that publishing returned for a received message; the message's own id if it was not published
    /// here or arrived before.
    func id(of message: InboundMessage) -> MessageID {
        let place = Place(stream: message.receipt.stream, id: message.receipt.id)
        let content = Content(stream: message.receipt.stream, payload: message.message.payload)
        return state.withLock { state in
            if let id = state.known[place] { return id }
            guard let id = state.waiting[content]?.first else { return place.id }
            state.waiting[content]?.removeFirst()
            state.known[place] = id
            return id
        }
    }
}
